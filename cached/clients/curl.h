// Transfers by libcurl on the loop: its sockets and its timer. Only http.cc and whois.cc have to do
// with it.
// SPDX-License-Identifier: MIT

#pragma once

#include <curl/curl.h>
#include <uv.h>
#include <chrono>
#include <coroutine>
#include <memory>
#include <string>
#include <unordered_map>
#include <unordered_set>

#include "cached/base/check.h"
#include "cached/loop/handle.h"
#include "cached/loop/poll.h"

namespace clients {

class Transfers;

// In the frame of the coroutine that waits for it: `co_await transfer;`. Ends by itself.
class Transfer {
 public:
  struct Limits {
    std::chrono::milliseconds connect_time;  // with the name's resolution and the TLS handshake
    std::chrono::steady_clock::time_point deadline;
    std::size_t most_bytes;  // of a body
  };
  Transfer(std::shared_ptr<Transfers> owner, const std::string& url, const char* protocol,
           const Limits& limits);
  Transfer(const Transfer&) = delete;
  Transfer& operator=(const Transfer&) = delete;

  // Before it is awaited. What the option points to is copied by libcurl.
  template <class T>
  void set(CURLoption option, T value) {
    base::check(curl_easy_setopt(easy_.get(), option, value) == CURLE_OK, "curl_easy_setopt");
  }
  void add_header(const std::string& header);

  bool await_ready() const { return false; }
  bool await_suspend(std::coroutine_handle<> waiter);
  void await_resume() const {}

  // Afterwards.
  bool is_whole() const { return code_ == CURLE_OK; }
  bool is_too_long() const { return too_long_; }
  bool was_refused() const { return refused_ != nullptr; }  // not even begun, or stopped
  std::string problem() const;  // plain text without bytes that a server chose
  std::string body() { return std::move(body_); }
  long number(CURLINFO info) const;
  std::string text(CURLINFO info) const;  // empty: there is none

 private:
  friend Transfers;
  static std::size_t take_body(char* bytes, std::size_t one, std::size_t size, void* self);
  static std::size_t take_header(char* bytes, std::size_t one, std::size_t size, void* self);

  struct Cleanup {
    void operator()(CURL* easy) const { curl_easy_cleanup(easy); }
    void operator()(curl_slist* list) const { curl_slist_free_all(list); }
  };

  const std::shared_ptr<Transfers> owner_;
  const Limits limits_;
  std::unique_ptr<curl_slist, Cleanup> headers_;
  std::unique_ptr<CURL, Cleanup> easy_;
  std::coroutine_handle<> waiter_;
  CURLcode code_ = CURLE_OK;
  const char* refused_ = nullptr;  // why it was not even begun
  std::string body_;
  std::size_t header_bytes_ = 0;
  bool too_long_ = false;
};

class Transfers {
 public:
  Transfers(uv_loop_t* loop, std::size_t most);  // at the same time; beyond, they fail at once
  Transfers(const Transfers&) = delete;
  Transfers& operator=(const Transfers&) = delete;

  // Every transfer fails, at once: those under way, and those still to come.
  void stop();

 private:
  friend Transfer;
  static int watch(CURL*, curl_socket_t socket, int what, void* self, void*);
  static int set_timer(CURLM*, long time, void* self);
  const char* begin(Transfer& transfer);  // null, or why not
  void process(int socket, int events);

  struct Cleanup {
    void operator()(CURLM* multi) const { curl_multi_cleanup(multi); }
  };

  uv_loop_t* const loop_;
  const std::size_t most_;
  const loop::Handle<uv_timer_t> timer_;
  std::unordered_map<int, loop::Poll> polls_;
  std::unordered_set<Transfer*> running_;
  std::unique_ptr<CURLM, Cleanup> multi_;  // behind what it uses; null: stopped
};

}  // namespace clients
