// See expand.h.
// SPDX-License-Identifier: MIT

#include "cached/base/expand.h"

namespace base {

std::string expand(std::string_view text, std::string_view user,
                   std::string (*escape)(std::string_view)) {
  const auto at = user.find('@');
  std::string out;
  for (std::size_t i = 0; i < text.size(); i++) {
    const char next = text[i] == '%' && i + 1 < text.size() ? text[i + 1] : '\0';
    switch (next) {
      case 'u':
        out += escape(user);
        break;
      case 'n':
        out += escape(user.substr(0, at));
        break;
      case 'd':
        if (at != std::string_view::npos) out += escape(user.substr(at + 1));
        break;
      case '%':
        out += '%';
        break;
      default:
        out += text[i];
        continue;
    }
    i++;
  }
  return out;
}

}  // namespace base
