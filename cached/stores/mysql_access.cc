// See mysql_access.h.
// SPDX-License-Identifier: MIT

#include "cached/stores/mysql_access.h"

#include "cached/base/host.h"
#include "cached/base/text.h"

namespace stores {
namespace {

using base::cat;
using base::Error;
using base::Result;

// HOST, HOST:PORT, [IPV6], [IPV6]:PORT or /PATH.
Result<MysqlServer> parse_server(std::string_view text) {
  MysqlServer server;
  server.name = base::printable(text);
  if (text.starts_with('/')) {
    server.socket = text;
    return server;
  }
  const auto host = base::parse_host(text);
  if (!host) return Error{cat(server.name, " is not HOST, HOST:PORT, [IPV6]:PORT or /SOCKET")};
  server.host = host->name;
  server.port = host->port;
  return server;
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// With %HH decoded (RFC 3986, 2.1); another % stays as it is.
std::string decode(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); i++) {
    const int high = text[i] == '%' && i + 2 < text.size() ? hex_digit(text[i + 1]) : -1;
    const int low = high >= 0 ? hex_digit(text[i + 2]) : -1;
    out += low >= 0 ? static_cast<char>(high * 16 + low) : text[i];
    if (low >= 0) i += 2;
  }
  return out;
}

config::Password decode_password(std::string_view text) {
  std::string plain = decode(text);
  config::Password password(plain);
  explicit_bzero(plain.data(), plain.size());
  return password;
}

// The text up to the first of `stops`, which is taken away with it.
std::string_view take(std::string_view& rest, std::string_view stops) {
  const auto end = std::min(rest.find_first_of(stops), rest.size());
  const auto front = rest.substr(0, end);
  rest.remove_prefix(std::min(end + 1, rest.size()));
  return front;
}

// What may stand behind the ? of a data source name. Others would change what is meant.
base::Status take_parameter(std::string_view parameter, MysqlAccess& access) {
  const auto name = take(parameter, "=");
  if (name == "charset" && parameter.starts_with("utf8")) return base::Done{};
  if (name != "unix_socket") return Error{"dsn: there is a parameter that is not known here"};
  const std::string path = decode(parameter);
  access.servers = {{path, "", 0, path}};
  return base::Done{};
}

// DIALECT[+DRIVER]://USER[:PASSWORD]@HOST[:PORT]/NAME[?PARAMETER=VALUE&...]
Result<MysqlAccess> parse_dsn(std::string_view dsn) {
  const auto scheme_end = dsn.find("://");
  const auto scheme = dsn.substr(0, std::min(scheme_end, dsn.size()));
  if (scheme_end == std::string_view::npos ||
      !(scheme.starts_with("mysql") || scheme.starts_with("mariadb")))
    return Error{"dsn: must begin with mysql:// or mysql+DRIVER://"};
  std::string_view rest = dsn.substr(scheme_end + 3);
  const auto at = rest.find('@');
  if (at == std::string_view::npos) return Error{"dsn: there is no USER:PASSWORD@"};
  std::string_view password = rest.substr(0, at);
  const auto user = take(password, ":");
  rest.remove_prefix(at + 1);
  if (rest.find('@') != std::string_view::npos)
    return Error{"dsn: an @ in the user or password must be written %40"};
  const auto host = take(rest, "/");
  const auto server = parse_server(host.empty() ? "localhost" : host);  // or as a parameter says
  if (!server) return Error{"dsn: what is behind the @ is not HOST or HOST:PORT"};
  const auto name = take(rest, "?");
  MysqlAccess access{{*server}, decode(name), decode(user), decode_password(password)};
  if (access.database.empty()) return Error{"dsn: there is no /NAME of a database"};
  while (!rest.empty()) {
    const auto taken = take_parameter(take(rest, "&"), access);
    if (!taken) return taken.error();
  }
  return access;
}

}  // namespace

Result<MysqlAccess> mysql_access(const decltype(config::Options::database)& options) {
  if (!options.dsn.empty()) return parse_dsn((*options.dsn).reveal());
  MysqlAccess access{{}, options.name, options.user, options.password};
  for (const std::string& host : options.hosts) {
    auto server = parse_server(host);
    if (!server) return Error{cat("hosts: ", server.error().text)};
    access.servers.push_back(std::move(*server));
  }
  if (access.servers.empty()) return Error{"hosts: there is none"};
  return access;
}

}  // namespace stores
