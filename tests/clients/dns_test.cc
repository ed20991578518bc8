// Questions to the DNS, against a server that answers well, badly, late and not at all.
// SPDX-License-Identifier: MIT

#include "cached/clients/dns.h"

#include <dirent.h>

#include "cached/loop/group.h"
#include "cached/loop/sleep.h"
#include "tests/clients/name_server.h"
#include "tests/loop/test_loop.h"

namespace {

using clients::Dns;
using clients::DnsAnswer;
using Outcome = DnsAnswer::Outcome;
using Kind = tests::Reply::Kind;
using std::chrono::milliseconds;
using std::chrono::seconds;

const base::Address client = *base::parse_address("192.0.2.7");
const std::string client_name = "7.2.0.192.in-addr.arpa";

struct Site : tests::TestLoop {
  tests::NameServer server{&loop};
  DnsAnswer pointers() {
    Dns dns(&loop, server.options());
    return result_of(dns.pointers(client));
  }
  DnsAnswer pointers(Kind kind) {
    server.set(client_name, tests::ptr, {{}, 0, 0, {}, kind});
    return pointers();
  }
};

milliseconds since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration_cast<milliseconds>(std::chrono::steady_clock::now() - start);
}

loop::Task<void> pause(uv_loop_t* loop, milliseconds time) {
  auto waiting = loop::sleep(loop, time);
  co_await waiting;
}

std::size_t open_files() {
  std::size_t count = 0;
  DIR* const directory = opendir("/proc/self/fd");
  while (readdir(directory)) count++;
  closedir(directory);
  return count;
}

}  // namespace

TEST_CASE("the labels of a reversed address are those of the RFCs") {
  const auto labels = [](const char* text) {
    return clients::reversed_labels(*base::parse_address(text));
  };
  CHECK(labels("192.0.2.7") == "7.2.0.192");
  CHECK(labels("::ffff:192.0.2.7") == "7.2.0.192");
  CHECK(labels("4321:0:1:2:3:4:567:89ab") ==  // RFC 3596, 2.5
        "b.a.9.8.7.6.5.0.4.0.0.0.3.0.0.0.2.0.0.0.1.0.0.0.0.0.0.0.1.2.3.4");
}

TEST_CASE("names, addresses and texts are found, with the smallest TTL") {
  Site site;
  site.server.add(client_name, tests::ptr, "Mail.example.org", 700);
  site.server.add(client_name, tests::ptr, "second.example.org", 90);
  site.server.add("mail.example.org", tests::a, "192.0.2.7", 60);
  site.server.add("mail.example.org", tests::aaaa, "2001:db8::7", 61);
  site.server.add("as1.asn.example", tests::txt, "1 | text", 62);
  Dns dns(&site.loop, site.server.options());
  auto answer = site.result_of(dns.pointers(client));
  CHECK(answer.outcome == Outcome::found);
  CHECK(answer.values == std::vector<std::string>{"Mail.example.org", "second.example.org"});
  CHECK(answer.ttl == seconds(90));
  CHECK(site.result_of(dns.addresses("Mail.example.org")).values.at(0) == "192.0.2.7");
  answer = site.result_of(dns.addresses("mail.example.org", true));
  CHECK(answer.values.at(0) == "2001:db8::7");
  CHECK(answer.ttl == seconds(61));
  CHECK(site.result_of(dns.texts("AS1.asn.example")).values.at(0) == "1 | text");
}

TEST_CASE("a name behind CNAMEs is found (RFC 2317, classless delegation)") {
  Site site;
  const tests::Reply chain{{{client_name, tests::cname, "7.0/25.2.0.192.in-addr.arpa", 120},
                            {"7.0/25.2.0.192.in-addr.arpa", tests::cname, "x.example", 100},
                            {"other.example", tests::ptr, "forged.example", 1},
                            {"X.example", tests::ptr, "host.example", 600}}};
  site.server.set(client_name, tests::ptr, chain);
  const auto answer = site.pointers();
  CHECK(answer.outcome == Outcome::found);
  CHECK(answer.values == std::vector<std::string>{"host.example"});
  CHECK(answer.ttl == seconds(100));
}

TEST_CASE("no such name, no such record, and a CNAME that leads nowhere are nothing") {
  Site site;
  site.server.set_all({{}, tests::no_name, 77, {}, {}});
  auto answer = site.pointers();
  CHECK(answer.outcome == Outcome::nothing);
  CHECK(answer.ttl == seconds(77));  // RFC 2308: the SOA's minimum
  site.server.set_all({});
  answer = site.pointers();
  CHECK(answer.outcome == Outcome::nothing);
  CHECK(answer.ttl == seconds(0));
  site.server.set(client_name, tests::ptr, {{{client_name, tests::cname, client_name}}});
  CHECK(site.pointers().outcome == Outcome::nothing);
  Dns dns(&site.loop, site.server.options());
  CHECK(site.result_of(dns.addresses("host.onion")).outcome == Outcome::nothing);
}

TEST_CASE("a server that fails, refuses or is silent is never nothing") {
  Site site;
  for (const int code : {tests::server_failure, tests::refused}) {
    site.server.set_all({{}, code, 0, {}, {}});
    const auto answer = site.pointers();
    CHECK(answer.outcome == Outcome::failed);
    CHECK(answer.problem.size() > 0);
    CHECK(answer.problem.find("192") == std::string::npos);
  }
  for (const Kind kind : {Kind::silent, Kind::wrong_id, Kind::empty}) {
    const auto start = std::chrono::steady_clock::now();
    CHECK(site.pointers(kind).outcome == Outcome::failed);
    CHECK(since(start) < milliseconds(3000));
  }
}

TEST_CASE("an answer that is garbage or cut short is a failure") {
  Site site;
  CHECK(site.pointers(Kind::garbage).outcome == Outcome::failed);
  site.server.set(client_name, tests::ptr,
                  {{{client_name, tests::ptr, "host.example"}}, 0, 0, {}, Kind::cut_short});
  CHECK(site.pointers().outcome == Outcome::failed);
}

TEST_CASE("an answer too long for UDP is fetched by TCP, and never more than 256 values of it") {
  Site site;
  tests::Reply reply{{}, 0, 0, {}, Kind::truncated};
  for (int i = 0; i < 900; i++)
    reply.answers.push_back(
        {client_name, tests::ptr, "host" + std::to_string(i) + ".example", 300});
  site.server.set(client_name, tests::ptr, reply);
  const auto answer = site.pointers();
  CHECK(site.server.asked_by_tcp() == 1);
  CHECK(answer.outcome == Outcome::found);
  CHECK(answer.values.size() == 256);
}

TEST_CASE("the next server is asked when one is silent, and becomes the first") {
  Site site;
  tests::NameServer other(&site.loop);
  site.server.ignore_all(true);
  other.add(client_name, tests::ptr, "host.example");
  auto options = site.server.options();
  options.servers.push_back(other.address());
  Dns dns(&site.loop, options);
  for (int i = 0; i < 3; i++) CHECK(site.result_of(dns.pointers(client)).outcome == Outcome::found);
  CHECK(site.server.asked() == 3);
  for (int i = 0; i < 300; i++) site.result_of(dns.pointers(client));
  CHECK(site.server.asked() <= 4);
}

TEST_CASE("a login does not wait for servers that are away (D09)") {
  Site site;
  site.server.ignore_all(true);
  site.server.set_all({});
  auto options = site.server.options();
  options.timeout = milliseconds(60);
  Dns dns(&site.loop, options);
  loop::Group<DnsAnswer> many;
  for (int i = 0; i < 20; i++) many.add(dns.pointers(client));
  for (const auto& answer : site.result_of(many.results()))
    CHECK(answer.outcome == Outcome::failed);
  const int before = site.server.asked();
  loop::Group<DnsAnswer> more;
  for (int i = 0; i < 100; i++) more.add(dns.pointers(client));
  CHECK(dns.questions() == 1);  // the others have been told
  site.server.ignore_all(false);
  const auto answers = site.result_of(more.results());
  CHECK(answers[0].outcome == Outcome::nothing);  // its second try
  CHECK(answers[1].outcome == Outcome::failed);
  CHECK(site.server.asked() <= before + 2);
  CHECK(site.result_of(dns.pointers(client)).outcome == Outcome::nothing);
}

TEST_CASE("whose name servers are silent silences nobody else") {
  Site site;
  const std::string name = "4.4.8.8.in-addr.arpa";
  const base::Address other = *base::parse_address("8.8.4.4");
  site.server.set(client_name, tests::ptr, {{}, 0, 0, {}, Kind::silent});
  site.server.add(name, tests::ptr, "dns.example");
  auto options = site.server.options();
  options.timeout = milliseconds(100);
  for (const bool is_quiet : {false, true}) {  // whether nobody else asks meanwhile
    CAPTURE(is_quiet);
    Dns dns(&site.loop, options);
    loop::Group<DnsAnswer> many;
    for (int i = 0; i < 20; i++) many.add(dns.pointers(client));
    if (!is_quiet) CHECK(site.result_of(dns.pointers(other)).outcome == Outcome::found);
    for (const auto& answer : site.result_of(many.results()))
      CHECK(answer.outcome == Outcome::failed);
    loop::Group<DnsAnswer> again;
    again.add(dns.pointers(client));
    if (is_quiet) site.run(pause(&site.loop, milliseconds(150)));
    CHECK(dns.questions() == 1);
    CHECK(site.result_of(dns.pointers(other)).outcome == Outcome::found);
    CHECK(site.result_of(again.results())[0].outcome == Outcome::failed);
  }
}

TEST_CASE(
    "thousands of questions at the same time take few descriptors; beyond the limit they fail") {
  Site site;
  site.server.set_all({{{client_name, tests::ptr, "host.example"}}, 0, 0, {}, {}});
  auto options = site.server.options();
  options.timeout = milliseconds(2000);
  Dns dns(&site.loop, options);
  const std::size_t before = open_files();
  loop::Group<DnsAnswer> many;
  for (std::size_t i = 0; i < Dns::most_questions + 10; i++) many.add(dns.pointers(client));
  CHECK(dns.questions() == Dns::most_questions);
  CHECK(open_files() <= before + 40);
  const auto answers = site.result_of(many.results());
  std::size_t found = 0;
  for (const auto& answer : answers) found += answer.outcome == Outcome::found;
  CHECK(found == Dns::most_questions);
  CHECK(answers.back().problem == "too many questions at the same time");
  CHECK(dns.questions() == 0);
  CHECK(open_files() == before);
}

TEST_CASE("who is answered may ask again at once, for ever") {
  Site site;
  site.server.add(client_name, tests::ptr, "host.example");
  Dns dns(&site.loop, site.server.options());
  const auto go_on = [](Dns& to) -> loop::Task<int> {
    int found = 0;
    for (int i = 0; i < 1000; i++) {
      const auto answer = co_await to.pointers(client);
      found += answer.outcome == Outcome::found;
    }
    co_return found;
  };
  loop::Group<int> several;
  for (int i = 0; i < 5; i++) several.add(go_on(dns));
  for (const int found : site.result_of(several.results())) CHECK(found == 1000);
}

TEST_CASE("every question ends when DNS is stopped or goes, and nothing keeps the loop") {
  Site site;
  site.server.ignore_all(true);
  auto options = site.server.options();
  options.timeout = milliseconds(60000);
  loop::Group<DnsAnswer> many;
  const int before = loop::roots();
  {
    Dns dns(&site.loop, options);
    for (int i = 0; i < 600; i++) many.add(dns.pointers(client));
    CHECK(loop::roots() == before + 600);
    uv_run(&site.loop, UV_RUN_NOWAIT);
  }
  CHECK(loop::roots() == before);
  for (const auto& answer : site.result_of(many.results())) {
    CHECK(answer.outcome == Outcome::failed);
    CHECK(answer.problem == "no more questions are asked");
    CHECK(!answer.was_asked);
  }
  Dns dns(&site.loop, options);
  dns.stop();
  CHECK(site.result_of(dns.pointers(client)).problem == "no more questions are asked");
}

TEST_CASE("a loop without a question ends although DNS is there") {
  Site site;
  Dns dns(&site.loop, site.server.options());
  site.result_of(dns.pointers(client));
  CHECK(uv_run(&site.loop, UV_RUN_DEFAULT) == 0);
}

TEST_CASE("a name that is none, and a port without a server, fail at once") {
  Site site;
  auto options = site.server.options();
  Dns dns(&site.loop, options);
  CHECK(site.result_of(dns.addresses(std::string(300, 'a'))).outcome == Outcome::failed);
  CHECK(site.result_of(dns.addresses("a..b")).outcome == Outcome::failed);
  options.timeout = milliseconds(60000);
  options.servers = {"127.0.0.1:1", "[::1]:1"};
  Dns nobody(&site.loop, options);
  CHECK(site.result_of(nobody.pointers(client)).outcome == Outcome::failed);
}

TEST_CASE("servers are addresses, with a port where there is one") {
  auto options = config::default_options().dns;
  CHECK(clients::check_dns(options));
  options.servers = {"127.0.0.1", "127.0.0.1:5353", "::1", "[::1]:5353", "2001:db8::1", "[::1]"};
  CHECK(clients::check_dns(options));
  for (const char* wrong :
       {"localhost", "127.0.0.1:", "127.0.0.1:99999", "127.0.0.256", "::1]:53", "127.0.0.1:53x",
        "[::1]:0", "127.0.0.1::53", "[127.0.0.1]:53", "127.0.0.1x53", ""}) {
    options.servers = {"127.0.0.1", wrong};
    CAPTURE(options.servers[1]);
    const auto checked = clients::check_dns(options);
    CHECK(!checked);
  }
}
