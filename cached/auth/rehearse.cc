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
  const auto order = co_await services.uses.by_last_use(nobody, 1);
  if (passwords && !order)
    base::log::warning(
        cat("app passwords are not tried in the order of their last use: ", order.error().text));
  const auto recorded = co_await services.trail.recorder.rehearse();
  if (passwords && !recorded)
    base::log::warning(cat("logins are not recorded: ", recorded.error().text));
  const auto attempts = co_await services.trail.connection_log.rehearse();
  if (passwords && !attempts)
    base::log::warning(cat("attempts are not recorded: ", attempts.error().text));
}

}  // namespace auth
