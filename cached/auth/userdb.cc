// See userdb.h.
// SPDX-License-Identifier: MIT

#include "cached/auth/userdb.h"

namespace auth {
namespace {

std::string expand(std::string_view text, std::string_view user) {
  const auto at = user.find('@');
  std::string out;
  for (std::size_t i = 0; i < text.size(); i++) {
    const char next = text[i] == '%' && i + 1 < text.size() ? text[i + 1] : '\0';
    switch (next) {
      case 'u':
        out += user;
        break;
      case 'n':
        out += user.substr(0, at);
        break;
      case 'd':
        out += at == std::string_view::npos ? "" : user.substr(at + 1);
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

}  // namespace

std::vector<std::pair<std::string, std::string>> userdb_fields(const UserdbOptions& options,
                                                               std::string_view user) {
  const std::pair<const char*, const std::string*> rows[] = {
      {"userdb_uid", &options.uid}, {"userdb_gid", &options.gid}, {"userdb_home", &options.home}};
  std::vector<std::pair<std::string, std::string>> fields;
  for (const auto& [name, text] : rows)
    if (!text->empty()) fields.emplace_back(name, expand(*text, user));
  return fields;
}

}  // namespace auth
