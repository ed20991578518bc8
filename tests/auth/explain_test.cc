// What cachedctl explain tells: facts, lists and the verdict, and nothing that it must not.
// SPDX-License-Identifier: MIT

#include "cached/auth/explain.h"

#include "cached/auth/cache.h"
#include "cached/base/text.h"
#include "tests/auth/world.h"

namespace {

using base::cat;

struct Site : tests::World {
  std::string explain(const char* address, const std::string& service = "",
                      const std::string& user = "") {
    const auth::Question question{*base::parse_address(address), service, user};
    return loop.result_of(auth::explain(*services, snapshot, question));
  }
  void settle() {
    while (loop::roots() > 0) uv_run(&loop.loop, UV_RUN_ONCE);
  }
};

// The line that begins with that name, its blanks as one.
std::string line_of(const std::string& text, const std::string& name) {
  for (int i = 0; const auto line = base::part(text, '\n', i); i++) {
    const auto words = base::split_words(*line);
    std::string joined;
    for (const auto word : words) joined += cat(joined.empty() ? "" : " ", word);
    if (joined == name || joined.starts_with(name + " ")) return joined;
  }
  return "no line " + name;
}

}  // namespace

TEST_CASE("explain tells facts, lists with their rules, and the verdict") {
  Site site;
  site.server.add("8.8.8.8.in-addr.arpa", tests::ptr, "dns.example");
  site.server.add("dns.example", tests::a, "8.8.8.8");
  site.server.add("2.0.0.127.s3cret.example", tests::a, "127.0.0.2");
  site.server.add("8.8.8.8.s3cret.example", tests::a, "127.0.0.4");
  const auto networks = site.write("ip.lst", "\n8.8.8.0/24 # reason=relay\n");
  const auto hosts = site.write("host.lst", "mail.*\n");
  site.configure(cat("[audit]\nnetwork_time = 20s\n[list trial]\ntype = ip_networks\nmode = log\n",
                     "path = ", networks, "\n[list as_cc]\npath = ", site.write("cc.lst", "DE\n"),
                     "\n[list reverse_hostname]\npath = ", hosts,
                     "\n[dnsbl zone]\nzone = s3cret.example\ncodes = 127.0.0.4\nmode = enforce\n",
                     "message = Sorry\n"));
  const auto text = site.explain("::ffff:8.8.8.8");
  CAPTURE(text);
  CHECK(line_of(text, "address") == "address 8.8.8.8");
  CHECK(line_of(text, "private") == "private no");
  CHECK(line_of(text, "host").starts_with("host dns.example dns remembered"));
  CHECK(line_of(text, "fcrdns").starts_with("fcrdns pass dns "));
  CHECK(line_of(text, "dnsbl zone").starts_with("dnsbl zone 127.0.0.4 dns remembered"));
  CHECK(line_of(text, "trial (log only)")
            .starts_with("trial (log only) matched by " + networks + ":2: relay"));
  CHECK(line_of(text, "as_cc not").starts_with("as_cc not known"));
  CHECK(line_of(text, "reverse_hostname").starts_with("reverse_hostname not matched"));
  CHECK(line_of(text, "zone").starts_with("zone matched by zone"));
  CHECK(line_of(text, "deny").starts_with("deny on the list zone"));
  CHECK(line_of(text, "message") == "message Sorry");
  CHECK(text.find("s3cret") == std::string::npos);
}

TEST_CASE("explain of a disabled service has all the facts, also of DNS lists") {
  Site site;
  site.server.add("2.0.0.127.list.example", tests::a, "127.0.0.2");
  site.configure(
      "[auth]\ndisabled_services = pop3\n[audit]\nnetwork_time = 20s\n"
      "[dnsbl a]\nzone = list.example\ncodes = 127.0.0.2\nmode = enforce\n"
      "[dnsbl b]\nzone = list.example\ncodes = 127.0.0.3\n");
  const auto text = site.explain("8.8.8.8", "POP3");
  CAPTURE(text);
  CHECK(line_of(text, "deny").starts_with("deny service disabled"));
  CHECK(line_of(text, "dnsbl a").starts_with("dnsbl a none dns"));
  CHECK(line_of(text, "host").starts_with("host none dns"));
  CHECK(line_of(text, "a").starts_with("a not matched"));
  CHECK(line_of(site.explain("8.8.8.8", "imap"), "permit").starts_with("permit"));
}

TEST_CASE("explain asks nobody about loopback, and does not log or record") {
  Site site;
  site.configure(
      "[audit]\nignore_networks = 127.0.0.0/8\n[dnsbl a]\nzone = a.example\n"
      "codes = 127.0.0.2\n");
  const auto text = site.explain("127.0.0.1");
  CHECK(line_of(text, "private") == "private yes");
  CHECK(line_of(text, "reserved") == "reserved Loopback");
  CHECK(line_of(text, "logged") == "logged no");
  CHECK(line_of(text, "rule") == "no line rule");
  CHECK(site.server.asked() == 0);
  CHECK(site.services->requests == 0);
  CHECK(site.services->trail.recorder.rows().waiting() == 0);
}

TEST_CASE("explain tells who told what of the registries, and why nobody could") {
  Site site;
  site.server.add("8.8.8.8.origin.asn.cymru.com", tests::txt,
                  "15169 | 8.8.8.0/24 | US | arin | 2023-12-28");
  site.server.add("as15169.asn.cymru.com", tests::txt,
                  "15169 | US | arin | 2000-03-30 | GOOGLE, US");
  site.configure(cat("[audit]\nnetwork_time = 20s\n[registry]\nrdap = arin=https://127.0.0.1:1\n",
                     "[list entities]\npath = ", site.write("entities.lst", "GOGL\n"), "\n"));
  auto text = site.explain("8.8.8.8");
  CAPTURE(text);
  CHECK(line_of(text, "asn").starts_with("asn AS15169 cymru asked now"));
  CHECK(line_of(text, "as_name").starts_with("as_name GOOGLE US cymru asked now"));
  CHECK(line_of(text, "as_cc").starts_with("as_cc US cymru asked now"));
  CHECK(line_of(text, "net_name").starts_with("net_name not known "));
  CHECK(line_of(text, "net_name").find("RDAP of arin: cannot be connected to") !=
        std::string::npos);
  CHECK(line_of(text, "entities not").starts_with("entities not known "));

  text = site.explain("10.1.2.3");
  CHECK(line_of(text, "as_name") == "as_name IANA-RESERVED");
  CHECK(line_of(text, "net_name") == "net_name Private-Use Networks");

  site.configure("");  // asks nobody
  text = site.explain("8.8.8.8");
  CHECK(line_of(text, "asn") == "asn not known [maxmind] asn is not configured");
  CHECK(line_of(text, "as_name") == "as_name not known nobody is asked");
  CHECK(line_of(text, "net_cc") == "net_cc not known nobody is asked");
}

TEST_CASE("cachedctl cache shows what is remembered, and has it forgotten") {
  Site site;
  site.server.add("8.8.8.8.origin.asn.cymru.com", tests::txt,
                  "15169 | 8.8.8.0/24 | US | arin | 2023-12-28");
  site.server.add("as15169.asn.cymru.com", tests::txt,
                  "15169 | US | arin | 2000-03-30 | GOOGLE, US");
  const auto show = [&](const std::string& what) {
    const auto shown = site.loop.result_of(auth::show_cache(*site.services, what));
    return shown ? *shown : shown.error().text;
  };
  const auto flush = [&](const std::string& what) {
    const auto flushed = site.loop.result_of(auth::flush_cache(*site.services, what));
    return flushed ? flushed->text : flushed.error().text;
  };
  const auto learn = [&] {
    site.configure("[audit]\nnetwork_time = 20s\n[registry]\nask = always\nrdap =\n");
    site.explain("8.8.8.8");
    site.settle();
  };
  CHECK(show("8.8.8.8") == "");
  learn();
  CHECK(show("8.8.8.99").find("here 8.8.8.0/24 origin AS15169 8.8.8.0/24 cc=US") == 0);
  CHECK(show("2002:808:808::1") == show("8.8.8.8"));
  CHECK(show("as15169").find("here AS15169 <GOOGLE, US> from=<cymru>") == 0);
  CHECK(show("1.1.1.1") == "");
  const std::string neither = "is not an address, nor an AS number such as AS3209";
  for (const char* wrong : {"", "AS", "ASx", "8.8.8.0/24"}) CHECK(show(wrong).ends_with(neither));
  CHECK(flush("3209") == "3209 " + neither);

  CHECK(flush("8.8.8.77") == "flushed\n");
  CHECK(show("8.8.8.8") == "");
  learn();
  CHECK(flush("AS15169") == "flushed\n");
  CHECK(show("AS15169") == "");
  CHECK(show("8.8.8.8") != "");
  const int asked = site.server.asked("8.8.8.8.in-addr.arpa");
  CHECK(flush("all") == "flushed\n");
  CHECK(show("8.8.8.8") == "");
  learn();
  CHECK(site.server.asked("8.8.8.8.in-addr.arpa") == asked + 1);
}

TEST_CASE("explain ends when the DNS does not answer") {
  Site site;
  site.server.ignore_all(true);
  site.configure(
      "[audit]\nnetwork_time = 30ms\n[dnsbl a]\nzone = a.example\ncodes = 127.0.0.2\n"
      "mode = enforce\nunknown = later\n");
  const auto text = site.explain("8.8.8.8");
  CAPTURE(text);
  CHECK(line_of(text, "later").starts_with("later the list a cannot tell"));
  CHECK(line_of(text, "host").starts_with("host not known"));
  CHECK(line_of(text, "a").starts_with("a not known"));
  site.settle();
}

TEST_CASE("nothing that a list or a name server says forges a line of explain") {
  Site site;
  const auto list = site.write("ip.lst", "8.8.8.8 # reason=x\x1b[2J<b>\n");
  site.configure(cat("[list ip_networks]\npath = ", list, "\n"));
  const auto text = site.explain("8.8.8.8", "imap\nverdict", "a\nb");
  CAPTURE(text);
  CHECK(text.find('\x1b') == std::string::npos);
  CHECK(line_of(text, "ip_networks").find("\\x1b[2J\\x3cb\\x3e") != std::string::npos);
  CHECK(line_of(text, "verdict") == "verdict");
  site.settle();
}
