// Data source names and host names of MySQL servers.
// SPDX-License-Identifier: MIT

#include "cached/stores/mysql_access.h"

#include <doctest/doctest.h>

namespace {

using Options = decltype(config::Options::database);

base::Result<stores::MysqlAccess> of_dsn(const char* dsn) {
  Options options = config::default_options().database;
  options.dsn = config::Password(dsn);
  return stores::mysql_access(options);
}

base::Result<stores::MysqlAccess> of_host(const char* host) {
  Options options = config::default_options().database;
  options.hosts = {host};
  return stores::mysql_access(options);
}

}  // namespace

TEST_CASE("a predecessor's data source name is understood") {
  const auto access = of_dsn("mysql+pymysql://mail%40x:p%3As%2Fs%25@db.example.com:3307/mail_auth");
  REQUIRE(access);
  CHECK(access->user == "mail@x");
  CHECK((*access->password).reveal() == "p:s/s%");
  CHECK(access->servers.at(0).host == "db.example.com");
  CHECK(access->servers.at(0).port == 3307);
  CHECK(access->database == "mail_auth");
  const auto raw = of_dsn("mysql+pymysql://user:pa/ss:+%zz@localhost/mail?charset=utf8mb4");
  REQUIRE(raw);
  CHECK((*raw->password).reveal() == "pa/ss:+%zz");
  CHECK(raw->servers.at(0).host == "localhost");
  CHECK(raw->servers.at(0).port == 0);
  const auto socket = of_dsn("mariadb://u@/mail?unix_socket=/run/mysqld/mysqld.sock");
  REQUIRE(socket);
  CHECK(socket->servers.at(0).socket == "/run/mysqld/mysqld.sock");
  const auto both = of_dsn("mariadb://u@localhost/mail?unix_socket=/run/mysqld/mysqld.sock");
  REQUIRE(both);
  CHECK(both->servers.at(0).socket == "/run/mysqld/mysqld.sock");
}

TEST_CASE("a data source name that is none is refused, and never shown") {
  for (const char* bad :
       {"s3cret", "postgresql://u:s3cret@h/d", "mysql://u:s3cret", "mysql://u:s3cret@h",
        "mysql://u:s3cret@h/", "mysql://u:p@s3cret@h/d", "mysql://u:p@s/s3cret@h/d",
        "mysql://u:p@x/y?s3cret@h/d", "mysql://u:p@ss:s3cret/d", "mysql://u:s3cret@h:0/d",
        "mysql://u:s3cret@h:x/d", "mysql://u:s3cret@h/d?ssl=1"}) {
    const auto access = of_dsn(bad);
    REQUIRE_MESSAGE(!access, bad);
    CHECK_MESSAGE(access.error().text.find("s3cret") == std::string::npos, access.error().text);
    CHECK(access.error().text.starts_with("dsn: "));
  }
}

TEST_CASE("a host is a name, an address or a socket, with or without a port") {
  const auto check = [](const char* text, const char* host, unsigned port, const char* socket) {
    const auto access = of_host(text);
    REQUIRE_MESSAGE(access, text);
    CHECK(access->servers.at(0).host == host);
    CHECK(access->servers.at(0).port == port);
    CHECK(access->servers.at(0).socket == socket);
  };
  check("db1", "db1", 0, "");
  check("db1:3307", "db1", 3307, "");
  check("[2001:db8::1]:3307", "2001:db8::1", 3307, "");
  check("[2001:db8::1]", "2001:db8::1", 0, "");
  check("/run/mysqld/mysqld.sock", "", 0, "/run/mysqld/mysqld.sock");
  for (const char* bad : {":3306", "db1:", "db1:99999", "db1:33x", "2001:db8::1", "[::1]x", "[]"})
    CHECK_MESSAGE(!of_host(bad), bad);
}
