// See url.h.
// SPDX-License-Identifier: MIT

#include "cached/clients/url.h"

#include <curl/curl.h>

#include <memory>

#include "cached/base/text.h"

namespace clients {
namespace {

struct Freed {
  void operator()(CURLU* url) const { curl_url_cleanup(url); }
  void operator()(char* text) const { curl_free(text); }
};

}  // namespace

base::Result<HttpsUrl> parse_https(const std::string& text) {
  const std::unique_ptr<CURLU, Freed> url(curl_url());
  const auto part = [&](CURLUPart which) {
    char* found = nullptr;
    curl_url_get(url.get(), which, &found, 0);
    const std::unique_ptr<char, Freed> owned(found);
    return std::string(owned ? owned.get() : "");
  };
  if (!base::lower(text).starts_with("https://") || text.find('\\') != std::string::npos ||
      curl_url_set(url.get(), CURLUPART_URL, text.c_str(), 0) != CURLUE_OK)
    return base::Error{"is no https URL"};
  for (const auto which : {CURLUPART_USER, CURLUPART_PASSWORD, CURLUPART_QUERY, CURLUPART_FRAGMENT})
    if (!part(which).empty()) return base::Error{"may not have a user, a query or a fragment"};
  HttpsUrl parsed{part(CURLUPART_URL), base::lower(part(CURLUPART_HOST))};
  while (parsed.text.ends_with('/')) parsed.text.pop_back();
  return parsed;
}

}  // namespace clients
