// See admit.h.
// SPDX-License-Identifier: MIT

#include "cached/auth/admit.h"

#include <ctime>

#include "cached/base/text.h"

namespace auth {
namespace {

using base::Answer;
using base::cat;
using base::Verdict;
using loop::Task;
using rules::Judgement;
using Clock = std::chrono::steady_clock;
using SnapshotPtr = std::shared_ptr<const Snapshot>;

rules::Time today() { return static_cast<rules::Time>(std::time(nullptr)); }

Verdict refused(const Judgement& judgement) {
  const auto& settings = judgement.list->settings();
  Verdict verdict{Answer::deny, cat("the list ", settings.name, " cannot tell"), {}};
  verdict.matched = settings.type->matched;
  verdict.message = settings.message;
  if (!judgement.rule) return verdict;
  const auto why = judgement.list->reason_of(*judgement.rule);
  verdict.reason = cat("on the list ", settings.name, why.empty() ? "" : ": ", why);
  verdict.rule = judgement.list->where(*judgement.rule);
  return verdict;
}

Verdict verdict_of(const Judgement& judgement) {
  Verdict verdict{Answer::permit, {}, {}};
  switch (judgement.is) {
    case Judgement::Is::allowed:
      break;
    case Judgement::Is::ignored:
      verdict.logged = false;
      break;
    case Judgement::Is::refused:
      return refused(judgement);
    case Judgement::Is::later:
    case Judgement::Is::ask:
      verdict.answer = Answer::later;
      verdict.reason = cat("the list ", judgement.list->settings().name, " cannot tell");
      break;
  }
  return verdict;
}

// Waits for what the judgement depends on, and for nothing else: whatever comes in may settle it.
Task<Verdict> judge(SnapshotPtr now, InquiryPtr inquiry, Clock::time_point deadline) {
  constexpr std::chrono::milliseconds moment{1};  // a timer may be so much early
  auto judgement = rules::judge(now->policy, inquiry->facts(), today());
  while (judgement.is == Judgement::Is::ask) {
    co_await inquiry->wait_for_more(deadline);
    const bool over = Clock::now() + moment >= deadline;
    judgement = rules::judge(now->policy, over ? inquiry->settled() : inquiry->facts(), today());
  }
  co_return verdict_of(judgement);
}

Verdict no_address(const std::string& given) {
  return {Answer::later, cat(base::printable(given), " is not an address"), {}};
}

Verdict without_address(const config::Options& options, const std::string& given) {
  if (!given.empty()) return no_address(given);
  const auto& answer = options.audit.without_address;
  if (answer == "permit") return {Answer::permit, {}, {}};
  return {answer == "deny" ? Answer::deny : Answer::later, "no remote address", {}};
}

}  // namespace

InquiryPtr inquire(Services& services, const Snapshot& now, const std::string& ip) {
  const auto address = base::parse_address(ip);
  if (!address) return nullptr;
  return std::make_shared<facts::Inquiry>(services.loop, facts::look_up(now.sources, *address));
}

void ask(Services& services, const Snapshot& now, facts::Inquiry& inquiry) {
  inquiry.ask(services.network, now.sources, now.policy.needs());
}

Task<Verdict> admit(Services& services, SnapshotPtr now, std::shared_ptr<const base::Login> login,
                    InquiryPtr inquiry) {
  const auto& options = now->options();
  const auto deadline = Clock::now() + options.audit.network_time;
  if (inquiry) ask(services, *now, *inquiry);
  const bool master = !login->master_user.empty() && options.audit.master_users == "permit";
  if (now->policy.empty() || master) co_return Verdict{Answer::permit, {}, {}};
  if (!inquiry) co_return without_address(options, login->remote_ip);
  auto verdict = co_await judge(now, inquiry, deadline);
  if (verdict.answer != Answer::permit || options.audit.proxies != "both") co_return verdict;
  if (login->real_remote_ip.empty()) co_return verdict;
  const auto proxy = inquire(services, *now, login->real_remote_ip);
  if (!proxy) co_return no_address(login->real_remote_ip);
  if (proxy->facts().address == inquiry->facts().address) co_return verdict;
  ask(services, *now, *proxy);
  auto of_proxy = co_await judge(now, proxy, deadline);
  if (of_proxy.answer != Answer::permit) co_return of_proxy;
  co_return verdict;
}

std::vector<std::string> trials(const Snapshot& now, const facts::Facts& facts) {
  return rules::judge(now.policy, facts, today()).would_block;
}

}  // namespace auth
