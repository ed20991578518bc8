// See password.h.
// SPDX-License-Identifier: MIT

#include "cached/ctl/password.h"

#include <sys/random.h>
#include <unistd.h>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <iostream>

#include "cached/auth/hash.h"
#include "cached/base/text.h"
#include "cached/ctl/usage.h"
#include "cached/stores/store.h"
#include "common/wipe.h"

namespace ctl {
namespace {

using base::cat;
using base::Done;
using base::Error;
using base::Result;
using base::Secret;
using base::Status;

// 32 signs that are not mistaken for each other: 16 of them are 80 bits.
constexpr std::string_view alphabet = "abcdefghijkmnpqrstuvwxyz23456789";
constexpr std::size_t groups = 4;
constexpr std::size_t group_size = 4;

Result<Secret> random_password() {
  static_assert(alphabet.size() == 32);
  common::Wiped<groups * group_size> random;
  if (getrandom(random.data, sizeof random.data, 0) != sizeof random.data)
    return Error{"no random bytes"};
  common::Wiped<groups*(group_size + 1) - 1> text;
  std::size_t at = 0;
  for (std::size_t i = 0; i < sizeof random.data; i++) {
    if (i > 0 && i % group_size == 0) text.data[at++] = '-';
    text.data[at++] = alphabet[static_cast<unsigned char>(random.data[i]) % alphabet.size()];
  }
  return Secret({text.data, at});
}

// Shows it, once, and not through a stream that would keep a copy.
Status print(const Secret& password) {
  const Secret line = password.with_ending('\n');
  std::string_view rest = line.reveal();
  while (!rest.empty()) {
    const ssize_t written = write(STDOUT_FILENO, rest.data(), rest.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return Error{cat("cannot show the password: ", std::strerror(errno))};
    rest.remove_prefix(static_cast<std::size_t>(written));
  }
  return Done{};
}

struct NewPassword {
  std::string user;
  std::string comment;
};

Result<NewPassword> parse_new(Arguments arguments) {
  NewPassword parsed;
  bool usable = true;
  for (std::size_t i = 0; i < arguments.size(); i++) {
    if (arguments[i] == "--comment" && i + 1 < arguments.size())
      parsed.comment = arguments[++i];
    else if (parsed.user.empty() && !arguments[i].starts_with('-'))
      parsed.user = arguments[i];
    else
      usable = false;
  }
  if (!usable || parsed.user.empty()) return Error{"password add USER [--comment TEXT]"};
  return parsed;
}

std::string or_dash(const std::string& text) { return text.empty() ? "-" : base::printable(text); }

}  // namespace

Result<int> add_password(const config::Options& options, Arguments arguments) {
  const auto wanted = parse_new(arguments);
  if (!wanted) return wrong_usage(wanted.error().text);
  auto store = stores::connect_any(options.database);
  if (!store) return store.error();
  const auto password = random_password();
  if (!password) return password.error();
  const auto hash = auth::hash::make(*password, options.hash);
  if (!hash) return hash.error();
  const auto id = (*store)->add(wanted->user, *hash, wanted->comment);
  if (!id) return id.error();
  const Status shown = print(*password);
  if (shown) return EXIT_SUCCESS;
  const auto revoked = (*store)->revoke(*id);  // nobody knows it
  return revoked ? shown.error() : revoked.error();
}

Result<int> list_passwords(const config::Options& options, Arguments arguments) {
  if (arguments.size() != 1) return wrong_usage("password list USER");
  auto store = stores::connect_any(options.database);
  if (!store) return store.error();
  const auto rows = (*store)->list(arguments[0]);
  if (!rows) return rows.error();
  std::cout << "id\tcreated\tdeleted\tlast used\tcomment\n";
  for (const stores::Listed& row : *rows)
    std::cout << row.id << '\t' << row.created << '\t' << or_dash(row.deleted) << '\t'
              << or_dash(row.last_used) << '\t' << or_dash(row.comment) << '\n';
  return EXIT_SUCCESS;
}

Result<int> revoke_password(const config::Options& options, Arguments arguments) {
  const auto id =
      arguments.size() == 1 ? base::parse_number<std::int64_t>(arguments[0]) : std::nullopt;
  if (!id) return wrong_usage("password revoke ID, the number that password list shows");
  auto store = stores::connect_any(options.database);
  if (!store) return store.error();
  const auto revoked = (*store)->revoke(*id);
  if (!revoked) return revoked.error();
  if (!*revoked) return Error{cat("no app password ", *id, " that is not already deleted")};
  return EXIT_SUCCESS;
}

}  // namespace ctl
