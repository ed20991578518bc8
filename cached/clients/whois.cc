// See whois.h. To libcurl (curl.h) this is Gopher (RFC 1436) at another port: a line there, a text
// back, and the end of the connection is its end.
// SPDX-License-Identifier: MIT

#include "cached/clients/whois.h"

#include <utility>

#include "cached/base/host.h"
#include "cached/base/result.h"
#include "cached/base/text.h"
#include "cached/clients/curl.h"

namespace clients {
namespace {

using base::cat;
using base::Error;
using base::Result;

// An URL of Gopher has the type of what is asked for in front of the line: 0 is a text.
Result<std::string> url_of(const std::string& server, const std::string& question) {
  const std::unique_ptr<CURLU, decltype(&curl_url_cleanup)> url(curl_url(), curl_url_cleanup);
  const auto address = cat("gopher://", server);
  if (!base::parse_host(server) ||
      curl_url_set(url.get(), CURLUPART_URL, address.c_str(), 0) != CURLUE_OK)
    return Error{"is not HOST, HOST:PORT or [IPV6]:PORT"};
  char* text = nullptr;
  if (curl_url_get(url.get(), CURLUPART_PORT, &text, 0) == CURLUE_NO_PORT)
    curl_url_set(url.get(), CURLUPART_PORT, "43", 0);
  curl_free(std::exchange(text, nullptr));
  const auto path = cat("/0", question);
  if (curl_url_set(url.get(), CURLUPART_PATH, path.c_str(), CURLU_URLENCODE) != CURLUE_OK ||
      curl_url_get(url.get(), CURLUPART_URL, &text, 0) != CURLUE_OK)
    return Error{"cannot be asked that"};
  std::string whole = text;
  curl_free(text);
  return whole;
}

}  // namespace

Whois::Whois(uv_loop_t* loop) : transfers_(std::make_shared<Transfers>(loop, most_questions)) {}

Whois::~Whois() { stop(); }

void Whois::stop() { transfers_->stop(); }

loop::Task<WhoisText> Whois::ask(std::string server, std::string question,
                                 std::chrono::milliseconds time) {
  const auto transfers = transfers_;
  const auto url = url_of(server, question);
  if (!url) co_return WhoisText{{}, cat(base::printable(server), " ", url.error().text), false};
  const Transfer::Limits limits{time, std::chrono::steady_clock::now() + time, most_bytes};
  Transfer transfer(transfers, *url, "gopher", limits);
  co_await transfer;
  WhoisText answer{transfer.body(), transfer.problem(), !transfer.was_refused()};
  if (answer.text.empty() && answer.problem.empty()) answer.problem = "the answer is empty";
  if (!answer.problem.empty()) answer.problem = cat(server, ": ", answer.problem);
  co_return answer;
}

}  // namespace clients
