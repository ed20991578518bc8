// See rehearse.h.
// SPDX-License-Identifier: MIT

#include "cached/auth/rehearse.h"

#include "cached/base/log.h"
#include "cached/base/text.h"

namespace auth {

using base::cat;
using loop::Task;

Task<void> rehearse(Services& services) {
  const std::string nobody = "cached-rehearsal";
  const auto account = co_await services.directory.find(nobody);
  if (!account) base::log::warning(cat("logins are answered try later: ", account.error().text));
  const auto passwords = co_await services.store.passwords_of(nobody, 1);
  if (!passwords)
    base::log::warning(cat("logins are answered try later: ", passwords.error().text));
  const auto order = co_await services.store.by_last_use(nobody, 1);
  if (passwords && !order)
    base::log::warning(cat("some logins are answered try later: ", order.error().text));
  const std::vector<stores::Use> of_no_row(1);
  const auto recorded = co_await services.store.record(of_no_row);
  if (passwords && !recorded)
    base::log::warning(cat("logins are not recorded: ", recorded.error().text));
  const auto attempts = co_await services.trail.connection_log.rehearse();
  if (passwords && !attempts)
    base::log::warning(cat("attempts are not recorded: ", attempts.error().text));
}

}  // namespace auth
