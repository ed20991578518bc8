// See curl.h. No coroutine goes on from inside libcurl: whoever goes on may begin another transfer,
// or stop them all.
// SPDX-License-Identifier: MIT

#include "cached/clients/curl.h"

#include <openssl/x509.h>
#include <algorithm>
#include <cstring>
#include <utility>
#include <vector>

#include "cached/base/text.h"

namespace clients {
namespace {

constexpr std::size_t most_header_bytes = 64 << 10;  // of an answer
constexpr long kept_connections = 16;                // that nobody uses at the moment

// Reading the system's authorities takes 30 ms of the loop's time. libcurl keeps what it has read
// for so many seconds, but only if all are in one file.
constexpr long authorities_kept = 4 * 3600;

const char* const no_more = "no more requests are made";
const char* const too_late = "no whole answer in time";

// libcurl looks at the name first, and leaves the result unspecified then.
std::string tls_problem(long verified) {
  if (verified == X509_V_OK || verified == X509_V_ERR_UNSPECIFIED)
    return "the certificate is not for this host";
  return base::cat("the certificate is not valid: ", X509_verify_cert_error_string(verified));
}

}  // namespace

Transfer::Transfer(std::shared_ptr<Transfers> owner, const std::string& url, const char* protocol,
                   const Limits& limits)
    : owner_(std::move(owner)), limits_(limits), easy_(curl_easy_init()) {
  base::check(easy_ != nullptr, "curl_easy_init");
  set(CURLOPT_PRIVATE, this);
  set(CURLOPT_URL, url.c_str());
  set(CURLOPT_PROTOCOLS_STR, protocol);
  set(CURLOPT_FOLLOWLOCATION, 0L);
  set(CURLOPT_NOSIGNAL, 1L);  // main ignores SIGPIPE
  set(CURLOPT_PROXY, "");     // the environment names none
  set(CURLOPT_NETRC, static_cast<long>(CURL_NETRC_IGNORED));
  set(CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  set(CURLOPT_CAPATH, static_cast<char*>(nullptr));
  set(CURLOPT_CA_CACHE_TIMEOUT, authorities_kept);
  // One connection for each request under way: simpler than what HTTP/2 brings, and it is few.
  set(CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
  // A thread that resolves a name is not waited for: it ends by itself, and frees what it has.
  set(CURLOPT_QUICK_EXIT, 1L);
  set(CURLOPT_CONNECTTIMEOUT_MS, std::max(1L, static_cast<long>(limits.connect_time.count())));
  set(CURLOPT_WRITEFUNCTION, &Transfer::take_body);
  set(CURLOPT_WRITEDATA, this);
  set(CURLOPT_HEADERFUNCTION, &Transfer::take_header);
  set(CURLOPT_HEADERDATA, this);
}

void Transfer::add_header(const std::string& header) {
  curl_slist* const longer = curl_slist_append(headers_.get(), header.c_str());
  base::check(longer != nullptr, "curl_slist_append");
  if (!headers_) headers_.reset(longer);  // the list keeps its head
  set(CURLOPT_HTTPHEADER, headers_.get());
}

std::size_t Transfer::take_body(char* bytes, std::size_t, std::size_t size, void* self) {
  auto& transfer = *static_cast<Transfer*>(self);
  transfer.too_long_ = size > transfer.limits_.most_bytes - transfer.body_.size();
  if (transfer.too_long_) return 0;  // which ends it
  transfer.body_.append(bytes, size);
  return size;
}

std::size_t Transfer::take_header(char*, std::size_t, std::size_t size, void* self) {
  auto& transfer = *static_cast<Transfer*>(self);
  transfer.header_bytes_ += size;
  transfer.too_long_ = transfer.header_bytes_ > most_header_bytes;
  return transfer.too_long_ ? 0 : size;
}

bool Transfer::await_suspend(std::coroutine_handle<> waiter) {
  waiter_ = waiter;
  refused_ = owner_->begin(*this);
  if (refused_) code_ = CURLE_FAILED_INIT;
  return !refused_;
}

std::string Transfer::problem() const {
  if (refused_) return refused_;
  if (too_long_) return "the answer is too long";
  switch (code_) {
    case CURLE_OK:
      return "";
    case CURLE_OPERATION_TIMEDOUT:
      return number(CURLINFO_PRETRANSFER_TIME_T) ? too_late : "not connected in time";
    case CURLE_COULDNT_CONNECT:
      return base::cat("cannot be connected to: ",
                       std::strerror(static_cast<int>(number(CURLINFO_OS_ERRNO))));
    case CURLE_COULDNT_RESOLVE_HOST:
      return "its name cannot be resolved";
    case CURLE_PEER_FAILED_VERIFICATION:
      return tls_problem(number(CURLINFO_SSL_VERIFYRESULT));
    case CURLE_SSL_CACERT_BADFILE:
      return "the file of authorities cannot be read";
    default:
      return curl_easy_strerror(code_);
  }
}

// Times are of another type than the other numbers.
long Transfer::number(CURLINFO info) const {
  long value = 0;
  curl_off_t large = 0;
  if ((info & CURLINFO_TYPEMASK) == CURLINFO_OFF_T) {
    curl_easy_getinfo(easy_.get(), info, &large);
    return static_cast<long>(large);
  }
  curl_easy_getinfo(easy_.get(), info, &value);
  return value;
}

std::string Transfer::text(CURLINFO info) const {
  const char* value = nullptr;
  curl_easy_getinfo(easy_.get(), info, &value);
  return value ? value : "";
}

// libcurl is never cleaned up as a whole: a thread may still be resolving a name.
Transfers::Transfers(uv_loop_t* loop, std::size_t most)
    : loop_(loop), most_(most), timer_(loop::new_timer(loop)) {
  base::check(curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK, "curl_global_init");
  multi_.reset(curl_multi_init());
  base::check(multi_ != nullptr, "curl_multi_init");
  timer_->data = this;
  curl_multi_setopt(multi_.get(), CURLMOPT_SOCKETFUNCTION, &Transfers::watch);
  curl_multi_setopt(multi_.get(), CURLMOPT_SOCKETDATA, this);
  curl_multi_setopt(multi_.get(), CURLMOPT_TIMERFUNCTION, &Transfers::set_timer);
  curl_multi_setopt(multi_.get(), CURLMOPT_TIMERDATA, this);
  curl_multi_setopt(multi_.get(), CURLMOPT_MAXCONNECTS, kept_connections);
}

const char* Transfers::begin(Transfer& transfer) {
  if (!multi_) return no_more;
  if (running_.size() >= most_) return "too many requests at the same time";
  const auto rest = std::chrono::ceil<std::chrono::milliseconds>(transfer.limits_.deadline -
                                                                 std::chrono::steady_clock::now());
  if (rest.count() <= 0) return too_late;
  transfer.set(CURLOPT_TIMEOUT_MS, static_cast<long>(rest.count()));
  if (curl_multi_add_handle(multi_.get(), transfer.easy_.get()) != CURLM_OK)
    return "libcurl takes no request";
  running_.insert(&transfer);
  return nullptr;
}

int Transfers::set_timer(CURLM*, long time, void* self) {
  uv_timer_t* const timer = static_cast<Transfers*>(self)->timer_.get();
  const auto expire = [](uv_timer_t* over) {
    static_cast<Transfers*>(over->data)->process(CURL_SOCKET_TIMEOUT, 0);
  };
  if (time < 0) return uv_timer_stop(timer);
  return uv_timer_start(timer, expire, static_cast<std::uint64_t>(time), 0);
}

int Transfers::watch(CURL*, curl_socket_t socket, int what, void* self, void*) {
  auto& transfers = *static_cast<Transfers*>(self);
  if (what == CURL_POLL_REMOVE) {
    transfers.polls_.erase(socket);
    return 0;
  }
  const auto ready = [](void* data, int descriptor, bool readable, bool writable) {
    const int events = (readable ? CURL_CSELECT_IN : 0) | (writable ? CURL_CSELECT_OUT : 0);
    static_cast<Transfers*>(data)->process(descriptor, events);
  };
  auto& polls = transfers.polls_;
  const auto poll = polls.try_emplace(socket, transfers.loop_, socket, self, ready).first;
  poll->second.watch(what & CURL_POLL_IN, what & CURL_POLL_OUT);
  return 0;
}

void Transfers::process(int socket, int events) {
  int unused = 0;
  curl_multi_socket_action(multi_.get(), socket, events, &unused);
  std::vector<Transfer*> ended;
  while (const CURLMsg* message = curl_multi_info_read(multi_.get(), &unused)) {
    Transfer* transfer = nullptr;
    curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &transfer);
    transfer->code_ = message->data.result;
    curl_multi_remove_handle(multi_.get(), message->easy_handle);
    running_.erase(transfer);
    ended.push_back(transfer);
  }
  for (const Transfer* transfer : ended) transfer->waiter_.resume();  // this may be gone then
}

void Transfers::stop() {
  const auto ended = std::exchange(running_, {});
  for (Transfer* transfer : ended) {
    curl_multi_remove_handle(multi_.get(), transfer->easy_.get());
    transfer->code_ = CURLE_ABORTED_BY_CALLBACK;
    transfer->refused_ = no_more;
  }
  multi_.reset();  // which closes the connections
  polls_.clear();
  uv_timer_stop(timer_.get());
  for (const Transfer* transfer : ended) transfer->waiter_.resume();
}

}  // namespace clients
