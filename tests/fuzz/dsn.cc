// Fuzz target: data source names and host names of MySQL. Whatever they are, there is a server or
// an error that names the option and shows nothing of a password.
// SPDX-License-Identifier: MIT

#include <cstdint>
#include <string>

#include "cached/base/check.h"
#include "cached/stores/mysql_access.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  auto options = config::default_options().database;
  options.hosts = {text};
  const auto host = stores::mysql_access(options);
  base::check(host ? host->servers.size() == 1 : host.error().text.starts_with("hosts: "), "host");
  for (const std::string& dsn : {text, "mysql://user:s3cret" + text}) {
    options.dsn = config::Password(dsn);
    const auto access = stores::mysql_access(options);
    if (dsn.empty()) continue;  // then the other options count
    if (access) {
      base::check(access->servers.size() == 1 && !access->database.empty(), "a whole answer");
    } else {
      base::check(access.error().text.starts_with("dsn: "), "an error names the option");
      base::check(access.error().text.find("s3cret") == std::string::npos, "and no password");
    }
  }
  return 0;
}
