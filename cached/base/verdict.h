// What becomes of a request: one of three answers, why, and what Dovecot is to be told.
// SPDX-License-Identifier: MIT

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace base {

enum class Answer { permit, deny, later };

// As on the wire and in the audit line.
inline const char* name_of(Answer answer) {
  switch (answer) {
    case Answer::permit:
      return "permit";
    case Answer::deny:
      return "deny";
    case Answer::later:
      return "later";
  }
  return "later";
}

struct Verdict {
  Answer answer = Answer::later;
  std::string reason;  // empty for permit

  // The app password that was used: known when one matched, also when it is then refused.
  struct Password {
    std::int64_t id;
    std::string comment;
  };
  std::optional<Password> password;

  // Dovecot's names and values: userdb_home, userdb_uid, ...
  std::vector<std::pair<std::string, std::string>> fields{};

  // What the lists said: the word of the type that refused (asn), where its rule stands, and what
  // the user may be told.
  std::string matched{};
  std::string rule{};                      // FILE:LINE
  std::string message{};                   // empty: nothing; only of a deny
  std::vector<std::string> would_block{};  // lists in mode = log, with their rules
  std::vector<std::string> not_known{};    // what a list could not see
  bool logged = true;                      // false: no audit line (ignore_networks)
  std::optional<bool> auth_ok{};           // the password was right; nullopt: it was not judged
};

}  // namespace base
