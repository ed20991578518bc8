// See authenticate.h. Every way out is one line that names its verdict.
// SPDX-License-Identifier: MIT

#include "cached/auth/authenticate.h"

#include "cached/auth/userdb.h"
#include "cached/base/clock.h"
#include "cached/base/text.h"
#include "cached/loop/within.h"
#include "cached/trail/line.h"

namespace auth {
namespace {

using base::Answer;
using base::Login;
using base::Request;
using base::Verdict;
using loop::Task;
using LoginPtr = std::shared_ptr<const Login>;
using SnapshotPtr = std::shared_ptr<const Snapshot>;

Verdict deny(std::string reason) { return {Answer::deny, std::move(reason), {}, {}}; }
Verdict later(std::string reason) { return {Answer::later, std::move(reason), {}, {}}; }
Verdict permit(const Snapshot& now, const Login& login) {
  return {Answer::permit, {}, {}, userdb_fields(now.options().userdb, login.user)};
}
Verdict with(Verdict verdict, const stores::AppPassword& password) {
  verdict.password = {password.id, password.comment};
  return verdict;
}

// Is this one of the user's app passwords?
Task<Verdict> authenticate(Services& services, SnapshotPtr now, LoginPtr login) {
  const auto& options = now->options();
  const auto deadline = std::chrono::steady_clock::now() + options.limits.request_time;
  const auto limit = static_cast<std::size_t>(options.limits.passwords);
  const auto one_more = limit + 1;
  const auto passwords = co_await services.store.passwords_of(login->user, one_more);
  if (!passwords) co_return later(passwords.error().text);
  if (passwords->size() > limit) co_return later("more app passwords than [limits] passwords");
  const auto match = co_await services.hasher.match(login->user, login->password, *passwords,
                                                    options.hash, deadline);
  if (!match) co_return later(match.error().text);
  if (passwords->empty()) co_return deny("unknown user");
  if (!*match) co_return deny("wrong password");
  if ((*match)->deleted) co_return with(deny("deleted"), **match);
  co_return with(permit(*now, *login), **match);
}

// Does the user exist, that is: has it ever had an app password?
Task<Verdict> look_up(Services& services, SnapshotPtr now, LoginPtr login) {
  const auto passwords = co_await services.store.passwords_of(login->user, 1);
  if (!passwords) co_return later(passwords.error().text);
  if (passwords->empty()) co_return deny("unknown user");
  co_return permit(*now, *login);
}

// Another passdb has verified the password; nothing here speaks against anybody yet.
Task<Verdict> audit(Services&, SnapshotPtr now, LoginPtr login) { co_return permit(*now, *login); }

Task<Verdict> judge(Services& services, SnapshotPtr now, LoginPtr login) {
  switch (login->request) {
    case Request::auth:
      return authenticate(services, std::move(now), std::move(login));
    case Request::audit:
      return audit(services, std::move(now), std::move(login));
    case Request::lookup:
      break;
  }
  return look_up(services, std::move(now), std::move(login));
}

void remember(Services& services, const Login& login, const Verdict& verdict) {
  if (verdict.answer == Answer::later)
    services.cannot_tell.warning(base::cat("cannot tell: ", verdict.reason));
  if (login.request == Request::lookup) return;  // nobody logs in
  const auto fields = trail::audit_fields(login, verdict);
  base::log::audit(trail::audit_line(login, verdict), fields);
  if (verdict.answer != Answer::permit || !verdict.password) return;
  services.recorder.add({verdict.password->id, login.service, login.remote_ip,
                         base::utc_text(std::chrono::system_clock::now())});
}

}  // namespace

Task<Verdict> answer(Services& services, SnapshotPtr now, LoginPtr login) {
  const auto& limits = now->options().limits;
  Verdict verdict = later("[limits] requests: too many at the same time");
  if (services.requests < limits.requests) {
    services.requests++;
    auto judging = loop::within(services.loop, limits.request_time, judge(services, now, login));
    auto judged = co_await judging;
    services.requests--;
    if (judged)
      verdict = std::move(*judged);
    else
      verdict = later("[limits] request_time: took too long");
  }
  remember(services, *login, verdict);
  co_return verdict;
}

}  // namespace auth
