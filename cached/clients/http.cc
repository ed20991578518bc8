// See http.h. libcurl (curl.h) makes one request; where a redirect leads is looked at here, before
// anybody is asked.
// SPDX-License-Identifier: MIT

#include "cached/clients/http.h"

#include <algorithm>
#include <utility>

#include "cached/base/result.h"
#include "cached/base/text.h"
#include "cached/clients/curl.h"

namespace clients {
namespace {

using base::cat;
using std::chrono::seconds;

constexpr const char* user_agent = "checkpass/1 (login gate of a mail server)";
constexpr seconds longest_retry{24 * 3600};
constexpr const char* https_port = "443";

struct Place {
  std::string host, port;  // in lower case; the port is always named
};

std::string part_of(CURLU* url, CURLUPart part) {
  char* text = nullptr;
  if (curl_url_get(url, part, &text, CURLU_DEFAULT_PORT) != CURLUE_OK) return "";
  std::string copy = text;
  curl_free(text);
  return copy;
}

// Of an URL as libcurl will read it. An error does not repeat it: a server may have sent it.
base::Result<Place> place_of(const std::string& text) {
  const std::unique_ptr<CURLU, decltype(&curl_url_cleanup)> url(curl_url(), curl_url_cleanup);
  const CURLUcode read = curl_url_set(url.get(), CURLUPART_URL, text.c_str(), CURLU_DISALLOW_USER);
  if (read == CURLUE_USER_NOT_ALLOWED) return base::Error{"the URL names a user"};
  if (read != CURLUE_OK) return base::Error{"the URL cannot be read"};
  if (part_of(url.get(), CURLUPART_SCHEME) != "https") return base::Error{"the URL is not https"};
  return Place{base::lower(part_of(url.get(), CURLUPART_HOST)), part_of(url.get(), CURLUPART_PORT)};
}

// The port counts as well: beside it another service may listen that only the host itself, or its
// network, is meant to reach.
bool may_lead_to(const Place& next, const Place& first, const std::vector<std::string>& hosts) {
  const auto is_named = [&](const std::string& host) {
    return base::equals_ignoring_case(host, next.host);
  };
  const auto is_named_with_port = [&](const std::string& host) {
    return base::equals_ignoring_case(host, cat(next.host, ":", next.port));
  };
  if (std::ranges::any_of(hosts, is_named_with_port)) return true;
  if (next.port != https_port && next.port != first.port) return false;
  return next.host == first.host || std::ranges::any_of(hosts, is_named);
}

bool is_redirect(long status) {  // RFC 9110, 15.4
  return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

void take(HttpAnswer& answer, Transfer& transfer) {
  const long status = transfer.number(CURLINFO_RESPONSE_CODE);
  // Of another than a 200 only the head is of interest, and not how much was to follow.
  const bool is_enough = status > 200 && transfer.is_too_long();
  if (!transfer.is_whole() && !is_enough) {
    answer.problem = transfer.problem();
    answer.was_answered = transfer.is_too_long();
    answer.was_asked = !transfer.was_refused();
    return;
  }
  answer.status = static_cast<int>(status);
  if (status == 200) answer.body = transfer.body();
  const seconds retry{transfer.number(CURLINFO_RETRY_AFTER)};
  if (retry.count() > 0) answer.retry_after = std::min(retry, longest_retry);
}

}  // namespace

Http::Http(uv_loop_t* loop) : transfers_(std::make_shared<Transfers>(loop, most_requests)) {}

Http::~Http() { stop(); }

void Http::stop() { transfers_->stop(); }

loop::Task<HttpAnswer> Http::get(HttpRequest request) {
  const auto transfers = transfers_;
  const Transfer::Limits limits{request.connect_time,
                                std::chrono::steady_clock::now() + request.total_time,
                                request.most_bytes};
  HttpAnswer answer;
  const auto first = place_of(request.url);
  auto place = first;
  std::string url = request.url;
  for (int redirects = 0; place; redirects++) {
    if (redirects > most_redirects)
      place = base::Error{cat("more than ", most_redirects, " redirects")};
    if (place && !may_lead_to(*place, *first, request.hosts))
      place = base::Error{"redirected to a host or port that is not among those named"};
    if (!place) break;
    answer.host = place->host;
    Transfer transfer(transfers, url, "https", limits);
    transfer.add_header(cat("Accept: ", request.accept));
    transfer.set(CURLOPT_USERAGENT, user_agent);
    if (!request.tls_ca.empty()) transfer.set(CURLOPT_CAINFO, request.tls_ca.c_str());
    co_await transfer;
    url = transfer.text(CURLINFO_REDIRECT_URL);
    if (!is_redirect(transfer.number(CURLINFO_RESPONSE_CODE)) || url.empty()) {
      take(answer, transfer);
      co_return answer;
    }
    place = place_of(url);
    if (!place) place = base::Error{cat("redirected, but ", place.error().text)};
  }
  answer.problem = place.error().text;
  answer.was_answered = !answer.host.empty();
  co_return answer;
}

}  // namespace clients
