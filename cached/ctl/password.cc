// See password.h.
// SPDX-License-Identifier: MIT
#include "cached/ctl/password.h"

#include <sys/random.h>
#include <iostream>

#include "cached/auth/hash.h"
#include "cached/base/text.h"
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

Result<std::unique_ptr<stores::Connection>> open_store(const config::Options& options) {
  const Status prepared = stores::prepare(options.database);
  if (!prepared) return prepared.error();
  return stores::connect(options.database);
}

std::string or_dash(const std::string& text) { return text.empty() ? "-" : base::printable(text); }

}  // namespace

Status add_password(const config::Options& options, Arguments arguments) {
  const bool with_comment = arguments.size() == 3 && arguments[1] == "--comment";
  if (arguments.size() != 1 && !with_comment) return Error{"password add USER [--comment TEXT]"};
  if (arguments[0].empty()) return Error{"the user's name is empty"};
  auto store = open_store(options);
  if (!store) return store.error();
  const auto password = random_password();
  if (!password) return password.error();
  const auto hash = auth::hash::make(*password, options.hash);
  if (!hash) return hash.error();
  const auto id = (*store)->add(arguments[0], *hash, with_comment ? arguments[2] : "");
  if (!id) return id.error();
  std::cout << password->reveal() << std::endl;
  return Done{};
}

Status list_passwords(const config::Options& options, Arguments arguments) {
  if (arguments.size() != 1) return Error{"password list USER"};
  auto store = open_store(options);
  if (!store) return store.error();
  const auto rows = (*store)->list(arguments[0]);
  if (!rows) return rows.error();
  std::cout << "id\tcreated\tdeleted\tlast used\tcomment\n";
  for (const stores::Listed& row : *rows)
    std::cout << row.id << '\t' << row.created << '\t' << or_dash(row.deleted) << '\t'
              << or_dash(row.last_used) << '\t' << or_dash(row.comment) << '\n';
  return Done{};
}

Status revoke_password(const config::Options& options, Arguments arguments) {
  const auto id =
      arguments.size() == 1 ? base::parse_number<std::int64_t>(arguments[0]) : std::nullopt;
  if (!id) return Error{"password revoke ID, the number that password list shows"};
  auto store = open_store(options);
  if (!store) return store.error();
  const auto revoked = (*store)->revoke(*id);
  if (!revoked) return revoked.error();
  if (!*revoked) return Error{cat("no app password ", *id, " that is not already deleted")};
  return Done{};
}

}  // namespace ctl
