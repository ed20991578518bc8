// The audit line and its journal fields.
// SPDX-License-Identifier: MIT

#include "cached/trail/line.h"

#include <doctest/doctest.h>

namespace {

base::Login login() {
  base::Login login;
  login.user = "honey";
  login.password = base::Secret("do not print");
  login.service = "imap";
  login.remote_ip = "176.112.169.218";
  return login;
}

}  // namespace

TEST_CASE("the audit line begins as the predecessors' did") {
  const base::Verdict permit{base::Answer::permit, {}, {{7, "my phone"}}, {}};
  CHECK(
      trail::audit_line(login(), permit) ==
      "user=<honey>, service=imap, ip=176.112.169.218, pwid=7, comment=<my phone>, result=permit");
}

TEST_CASE("a refused login says why") {
  const base::Verdict deny{base::Answer::deny, "wrong password", {}, {}};
  CHECK(trail::audit_line(login(), deny) ==
        "user=<honey>, service=imap, ip=176.112.169.218, result=deny, reason=<wrong password>");
}

TEST_CASE("what is not known is None or left out") {
  base::Login nobody;
  nobody.session = "S1";
  CHECK(trail::audit_line(nobody, {}) ==
        "user=<>, service=None, ip=None, session=<S1>, result=later");
}

TEST_CASE("a user name cannot forge the line") {
  base::Login forger = login();
  forger.user = "x>, ip=1.2.3.4, result=permit\nmail-audit: user=<y";
  forger.service = "imap, ip=8.8.8.8";
  const std::string line = trail::audit_line(forger, {});
  CHECK(line.find('\n') == std::string::npos);
  CHECK(line.starts_with("user=<x\\x3e, ip=1.2.3.4"));
  CHECK(line.find("service=imap\\x2c\\x20ip=8.8.8.8, ip=176") != std::string::npos);
}

TEST_CASE("the journal gets the same facts as fields of their own") {
  const base::Verdict deny{base::Answer::deny, "deleted", {{7, ""}}, {}};
  std::string all;
  for (const auto& field : trail::audit_fields(login(), deny))
    all += base::log::Field(field).name.data() + std::string("=") + field.value + "\n";
  CHECK(all ==
        "AUDIT_LOG=True\nAUDIT_USER=honey\nAUDIT_SERVICE=imap\nAUDIT_IP=176.112.169.218\n"
        "AUDIT_PWID=7\nAUDIT_RESULT=deny\nAUDIT_REASON=deleted\n");
}
