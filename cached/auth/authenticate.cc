// See authenticate.h. Every way out is one line that names its verdict.
// SPDX-License-Identifier: MIT

#include "cached/auth/authenticate.h"

#include <algorithm>

#include "cached/auth/admit.h"
#include "cached/auth/userdb.h"
#include "cached/base/text.h"
#include "cached/loop/within.h"
#include "cached/trail/json.h"
#include "cached/trail/line.h"
#include "cached/trail/use.h"

namespace auth {
namespace {

using base::Answer;
using base::Login;
using base::Request;
using base::Verdict;
using loop::Task;
using LoginPtr = std::shared_ptr<const Login>;
using SnapshotPtr = std::shared_ptr<const Snapshot>;

using AuthOptions = decltype(config::Options::auth);

// A row of the log table that is not complete yet.
struct Remembered {
  trail::Recorder::Number number = 0;
  stores::Use use;
};

Verdict deny(std::string reason) { return {Answer::deny, std::move(reason), {}}; }
Verdict wrong(std::string reason) {
  Verdict verdict = deny(std::move(reason));
  verdict.auth_ok = false;
  return verdict;
}
Verdict later(std::string reason) { return {Answer::later, std::move(reason), {}}; }
Verdict permit(const Snapshot& now, const std::string& user, const Fields& fields) {
  return {Answer::permit, {}, {}, userdb_fields(now.options().userdb, user, fields)};
}
Verdict with(Verdict verdict, const stores::AppPassword& password) {
  verdict.password = {password.id, password.comment};
  verdict.auth_ok = !password.deleted;
  return verdict;
}

// The name under which the user's rows, account and mailbox are: what a client may vary is not in
// it.
std::string account_name(const AuthOptions& options, const std::string& user) {
  if (options.username == "as_is") return user;
  if (options.username == "lower") return base::lower(user);
  return base::lower(user.substr(0, user.find('@')));
}

bool is_disabled(const AuthOptions& options, const std::string& service) {
  return std::any_of(
      options.disabled_services.begin(), options.disabled_services.end(),
      [&](const std::string& name) { return base::equals_ignoring_case(name, service); });
}

// Whether app passwords are taken from there. An address that is not given (doveadm auth test) is
// in no network.
base::Result<bool> is_taken_from(const AuthOptions& options, const std::string& remote_ip) {
  if (options.disallow_passwords_from.empty() || remote_ip.empty()) return true;
  const auto address = base::parse_address(remote_ip);
  if (!address) return base::Error{base::cat(base::printable(remote_ip), " is not an address")};
  return !base::contains(options.disallow_passwords_from, *address);
}

// Why the account may not log in, whatever the password; nullopt: it may.
std::optional<Verdict> refusal(const std::optional<stores::Account>& account) {
  if (!account) return wrong("unknown user");
  if (account->disabled.empty()) return std::nullopt;
  return deny(account->disabled);
}

Verdict service_disabled() {
  Verdict verdict = deny("service disabled");
  verdict.matched = "service";
  return verdict;
}

// Is this one of the user's app passwords? A refused account costs as much time as a wrong
// password, so that a stranger cannot tell by the clock which users exist.
Task<Verdict> authenticate(Services& services, SnapshotPtr now, LoginPtr login,
                           InquiryPtr inquiry) {
  const auto& options = now->options();
  const auto deadline = std::chrono::steady_clock::now() + options.limits.request_time;
  const auto limit = static_cast<std::size_t>(options.limits.passwords);
  const auto one_more = limit + 1;
  if (is_disabled(options.auth, login->service)) co_return service_disabled();
  const std::string user = account_name(options.auth, login->user);
  const auto account = co_await services.directory.find(user);
  if (!account) co_return later(account.error().text);
  const auto refused = refusal(*account);
  auto passwords = co_await services.store.passwords_of(user, one_more);
  if (!passwords) co_return later(passwords.error().text);
  if (passwords->size() > limit) co_return later("more app passwords than [limits] passwords");
  if (refused) passwords->clear();
  std::vector<std::int64_t> order;
  const Attempt attempt{*login, user, *passwords, order, options.hash, deadline};
  if (passwords->size() > 1 && !services.hasher.recall(attempt)) {
    auto by_last_use = co_await services.uses.by_last_use(user, one_more);
    if (by_last_use) order = std::move(*by_last_use);  // else: the newest first
  }
  const auto match = co_await services.hasher.match(attempt);
  if (!match) co_return later(match.error().text);
  if (refused) co_return *refused;
  if (passwords->empty())
    co_return wrong(services.directory.is_configured() ? "no app password" : "unknown user");
  if (!*match) co_return wrong("wrong password");
  if ((*match)->deleted) co_return with(deny("deleted"), **match);
  const auto taken = is_taken_from(options.auth, login->remote_ip);
  if (!taken) co_return with(later(taken.error().text), **match);
  if (!*taken) co_return with(deny("not from this network"), **match);
  auto verdict = co_await admit(services, now, login, inquiry);
  if (verdict.answer != Answer::permit) co_return with(std::move(verdict), **match);
  services.hasher.welcome(user, login->remote_ip, options.hash);
  verdict.fields = userdb_fields(options.userdb, user, (*account)->fields);
  co_return with(std::move(verdict), **match);
}

// Does the user exist? The directory says so, also of an account that may not log in: its mail is
// still delivered. Where there is none, whoever has ever had an app password does.
Task<Verdict> look_up(Services& services, SnapshotPtr now, LoginPtr login) {
  const std::string user = account_name(now->options().auth, login->user);
  const auto account = co_await services.directory.find(user);
  if (!account) co_return later(account.error().text);
  if (!*account) co_return deny("unknown user");
  if (services.directory.is_configured()) co_return permit(*now, user, (*account)->fields);
  // Not one row: in MySQL it might be one of a name that is only alike.
  const auto limit = static_cast<std::size_t>(now->options().limits.passwords) + 1;
  const auto passwords = co_await services.store.passwords_of(user, limit);
  if (!passwords) co_return later(passwords.error().text);
  if (passwords->empty()) co_return deny("unknown user");
  co_return permit(*now, user, {});
}

// Another passdb has verified the password.
Task<Verdict> audit(Services& services, SnapshotPtr now, LoginPtr login, InquiryPtr inquiry) {
  if (is_disabled(now->options().auth, login->service)) co_return service_disabled();
  auto verdict = co_await admit(services, now, login, inquiry);
  verdict.auth_ok = true;
  const std::string user = account_name(now->options().auth, login->user);
  if (verdict.answer == Answer::permit)
    verdict.fields = userdb_fields(now->options().userdb, user, {});
  co_return verdict;
}

bool is_logged(const Snapshot& now, const Verdict& verdict, const InquiryPtr& inquiry) {
  if (!verdict.logged) return false;
  if (now.options().audit.log_local == "yes" || !inquiry) return true;
  return !inquiry->facts().is_private && !inquiry->facts().local_network;
}

void write_line(const Snapshot& now, const trail::Attempt& attempt) {
  const bool wanted = base::log::takes_fields();
  const auto fields = wanted ? trail::audit_fields(attempt) : std::vector<base::log::Field>();
  if (now.options().audit.format == "json")
    base::log::audit(trail::audit_json(attempt, std::chrono::system_clock::now()), fields,
                     base::log::Tagged::no);
  else
    base::log::audit(trail::audit_line(attempt), fields, base::log::Tagged::yes);
}

// Writes the audit line, and has the row of the log table written, when all is known that will be.
// Who was judged when the time was over has no more of it: the line says what the lists had.
Task<void> tell(Services& services, SnapshotPtr now, LoginPtr login, Verdict verdict,
                InquiryPtr inquiry, std::optional<Remembered> row) {
  trail::Attempt attempt{*login, verdict};
  const bool grows = inquiry && !inquiry->pending().empty();  // more may be known later
  if (grows) {
    const auto deadline = *inquiry->asked_at() + now->options().audit.network_time;
    co_await inquiry->wait_for_all(deadline);
  }
  if (inquiry) {
    verdict.not_known = inquiry->pending();
    if (inquiry->asked_at() && now->policy.has_trials())
      verdict.would_block = trials(*now, inquiry->settled());
    attempt.facts = &inquiry->facts();
  }
  if (is_logged(*now, verdict, inquiry)) write_line(*now, attempt);
  if (!row) co_return;
  if (grows && trail::complete(row->use, inquiry->facts()))
    services.trail.recorder.complete(row->number, row->use);
  else
    services.trail.recorder.complete(row->number);
}

// True: there is a row to be kept safe before the answer.
bool remember(Services& services, SnapshotPtr now, LoginPtr login, const Verdict& verdict,
              InquiryPtr inquiry) {
  if (verdict.answer == Answer::later)
    services.cannot_tell.warning(base::cat("cannot tell: ", verdict.reason));
  if (login->request == Request::lookup) return false;  // nobody logs in
  const bool logged = is_logged(*now, verdict, inquiry);
  if (logged && inquiry && now->options().audit.process_unknown == "yes")
    ask(services, *now, *inquiry);
  const auto* facts = inquiry ? &inquiry->facts() : nullptr;
  std::optional<Remembered> row;
  if (verdict.password) {
    const auto& audit = now->options().audit;
    auto use = trail::use_of({*login, verdict, facts});
    const auto number = services.trail.recorder.add(use, {audit.log_bucket, audit.log_prolong});
    if (number) row = {*number, std::move(use)};
  }
  if (logged) services.trail.connection_log.add({*login, verdict, facts});
  const bool has_row = row.has_value();
  if (logged || has_row) loop::spawn(tell(services, now, login, verdict, inquiry, std::move(row)));
  return has_row;
}

}  // namespace

Task<Verdict> judge(Services& services, SnapshotPtr now, LoginPtr login, InquiryPtr inquiry) {
  switch (login->request) {
    case Request::auth:
      return authenticate(services, std::move(now), std::move(login), std::move(inquiry));
    case Request::audit:
      return audit(services, std::move(now), std::move(login), std::move(inquiry));
    case Request::lookup:
      break;
  }
  return look_up(services, std::move(now), std::move(login));
}

Task<Verdict> answer(Services& services, SnapshotPtr now, LoginPtr login) {
  const auto& limits = now->options().limits;
  Verdict verdict = later("[limits] requests: too many at the same time");
  const auto inquiry = inquire(services, *now, login->remote_ip);
  if (services.requests < limits.requests) {
    services.requests++;
    auto judging =
        loop::within(services.loop, limits.request_time, judge(services, now, login, inquiry));
    auto judged = co_await judging;
    services.requests--;
    if (judged)
      verdict = std::move(*judged);
    else
      verdict = later("[limits] request_time: took too long");
  }
  const bool has_row = remember(services, now, login, verdict, inquiry);
  auto kept = services.trail.kept();
  if (has_row) {
    co_await kept;
  }
  co_return verdict;
}

}  // namespace auth
