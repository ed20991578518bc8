// Documents by HTTPS, by libcurl on the loop.
// SPDX-License-Identifier: MIT

#pragma once

#include <uv.h>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cached/loop/task.h"

namespace clients {

class Transfers;

struct HttpRequest {
  std::string url;  // https:// only, as are redirects; without a user
  // Where a redirect may lead, besides the host of the URL: HOST, at port 443 or that of the URL,
  // or HOST:PORT. Case does not matter.
  std::vector<std::string> hosts;
  std::string accept;  // the header Accept
  std::string tls_ca;  // a file of authorities; empty: those the system trusts
  std::chrono::milliseconds connect_time{1000}, total_time{3000};  // all redirects in it
  std::size_t most_bytes = 256 << 10;                              // of a body
};

struct HttpAnswer {
  int status = 0;             // of the last document; 0: there was none, and `problem` says why
  std::string body;           // only of a 200
  std::string host;           // that was asked last, in lower case
  std::string problem;        // plain text of one line, without bytes that a server chose
  bool was_answered = false;  // of status 0: but with what we do not take, or led nowhere
  bool was_asked = true;      // false: failed before any server was, which says nothing of it
  std::optional<std::chrono::seconds> retry_after;  // RFC 9110, 10.2.3: 1 s to a day
};

class Http {
 public:
  static constexpr int most_redirects = 5;
  static constexpr std::size_t most_requests = 256;  // at the same time; beyond, at once a problem

  explicit Http(uv_loop_t* loop);
  ~Http();  // ends every request, as stop() does

  // GET. Connections are kept and used again. Ends within total_time.
  loop::Task<HttpAnswer> get(HttpRequest request);

  // Every request fails, at once: those under way, and those still to come.
  void stop();

 private:
  const std::shared_ptr<Transfers> transfers_;  // a request keeps it, too
};

}  // namespace clients
