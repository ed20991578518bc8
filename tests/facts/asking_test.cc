// What an inquiry asks the registries, and what it makes of their answers: Team Cymru by DNS, a
// registry by HTTPS, and files that know already.
// SPDX-License-Identifier: MIT

#include <algorithm>
#include <map>

#include "cached/base/text.h"
#include "cached/config/file.h"
#include "cached/facts/inquiry.h"
#include "cached/rules/list_types.h"
#include "cached/trail/line.h"
#include "tests/clients/name_server.h"
#include "tests/clients/tls_server.h"
#include "tests/loop/test_loop.h"

namespace {

using base::cat;
using facts::Facts;
using facts::Inquiry;
using facts::Rir;
using facts::State;
using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;
using Words = std::vector<std::string>;
using Numbers = std::vector<std::uint32_t>;

constexpr milliseconds long_time{20000};

struct KnownNetwork {
  std::string name, country;
};

// Files of the registries that know what a test says.
struct Books : facts::Seeds {
  std::string country;
  Rir rir = Rir::none;
  std::map<std::uint32_t, std::string> names;
  std::optional<KnownNetwork> known;

  std::optional<Delegation> delegation(const base::Address&) const override {
    if (country.empty()) return std::nullopt;
    return Delegation{rir, country};
  }
  Rir rir_of(const base::Address&) const override { return rir; }
  std::string_view as_name(std::uint32_t number) const override {
    const auto found = names.find(number);
    return found == names.end() ? std::string_view() : found->second;
  }
  std::optional<Network> network(const base::Address&) const override {
    if (!known) return std::nullopt;
    return Network{known->name, known->country};
  }
  std::string_view delegated_from(const base::Address&) const override { return "delegated"; }
  std::string_view as_names_from() const override { return "names"; }
  std::string_view networks_from(const base::Address&) const override { return "dump"; }
  std::string listing() const override { return {}; }
};

tests::Server::Reply answer(const std::string& request) {
  const bool known = request.find("/ip/62.239.237.1 ") != std::string::npos;
  const std::string body =
      known ? R"({"objectClassName":"ip network","handle":"62.239.237.0 - 62.239.237.255",)"
              R"("ipVersion":"v4","startAddress":"62.239.237.0","endAddress":"62.239.237.255",)"
              R"("name":"BT-CORPORATE","country":"GB","entities":[{"handle":"BTCR3-RIPE"}]})"
            : "";
  return {cat("HTTP/1.1 ", known ? "200 OK" : "404 Not Found",
              "\r\nContent-Type: application/rdap+json\r\nContent-Length: ", body.size(),
              "\r\n\r\n", body),
          {},
          tests::Server::Reply::Then::keep};
}

struct Site : tests::TestLoop {
  tests::NameServer dns{&loop};
  tests::Authority authority;
  tests::Server rdap{answer, authority.context_for("127.0.0.1")};
  config::File file;
  facts::Sources sources;
  std::shared_ptr<Books> books = std::make_shared<Books>();
  std::unique_ptr<facts::Network> network;

  explicit Site(const std::string& more = "", bool has_rdap = true) {
    const std::string server = cat("ripencc=https://", rdap.address());
    auto parsed = config::parse_file(
        cat("[registry]\n", more.find("ask = ") == std::string::npos ? "ask = always\n" : "",
            "cache =\nrdap = ", has_rdap ? server : "", "\ntls_ca = ", authority.file(),
            "\nquery_time = 20s\nconnect_time = 20s\n", more),
        "x.conf");
    REQUIRE_MESSAGE(parsed, (parsed ? "" : parsed.error().text));
    file = *std::move(parsed);
    file.options.dns = dns.options();
    file.options.dns.timeout = long_time;  // what a test delays is waited for
    std::string errors, warnings;
    sources = facts::open_sources(file, "x.conf", {}, errors, warnings);
    CHECK(errors == "");
    network = std::make_unique<facts::Network>(&loop, file.options, nullptr);
    dns.add("1.237.239.62.origin.asn.cymru.com", tests::txt,
            "2856 | 62.239.0.0/16 | GB | ripencc | 2001-06-14");
    dns.add("as2856.asn.cymru.com", tests::txt,
            "2856 | GB | ripencc | 1993-09-01 | BT-UK-AS BTnet UK Regional network, GB");
  }
  ~Site() {
    network->stop();
    finish();
  }

  std::shared_ptr<Inquiry> ask(const std::string& address, facts::Needs needs = 0) {
    sources.seeds = books;
    auto known = facts::look_up(sources, *base::parse_address(address));
    auto inquiry = std::make_shared<Inquiry>(&loop, std::move(known));
    inquiry->ask(*network, sources, needs);
    return inquiry;
  }
  Facts find(const std::string& address, facts::Needs needs = 0) {
    const auto inquiry = ask(address, needs);
    run(inquiry->wait_for_all(Clock::now() + long_time));
    CHECK(inquiry->pending().empty());
    return inquiry->facts();
  }
  void finish() {
    while (loop::roots() > 0) uv_run(&loop, UV_RUN_ONCE);
  }
  int asked_cymru() const { return dns.asked("1.237.239.62.origin.asn.cymru.com"); }
};

std::string text(const facts::Fact<std::string>& fact) {
  constexpr const char* words[] = {"(pending)", "(unknown)", "(absent)"};
  return fact.find() ? *fact.find() : words[static_cast<int>(fact.state())];
}

template <class T>
T value(const facts::Fact<T>& fact) {
  return fact.find() ? *fact.find() : T();
}

std::string line(const Facts& facts) {
  const base::Login login;
  const base::Verdict permit{base::Answer::permit, {}, {}};
  return trail::audit_line({login, permit, &facts});
}

constexpr char bt[] = "62.239.237.1";

}  // namespace

TEST_CASE("who is not known is asked about: the system, its name, the network") {
  Site site;
  const auto inquiry = site.ask(bt);
  CHECK(inquiry->pending() ==
        Words{"host", "asn", "as_cc", "as_desc", "net_name", "net_cc", "entity", "fcrdns"});
  site.run(inquiry->wait_for_all(Clock::now() + long_time));
  const auto& facts = inquiry->facts();
  CHECK(value(facts.as_numbers) == Numbers{2856});
  CHECK(value(facts.as_names) == Words{"BT-UK-AS BTnet UK Regional network, GB"});
  CHECK(text(facts.as_cc) == "GB");
  CHECK(text(facts.net_name) == "BT-CORPORATE");
  CHECK(text(facts.net_cc) == "GB");
  CHECK(value(facts.entities) == Words{"BTCR3-RIPE"});
  CHECK(facts.unanswered == 0);
  site.find(bt);
  CHECK(site.asked_cymru() == 1);
  CHECK(site.rdap.asked() == 1);
}

TEST_CASE("a registry that a file names is asked at once, and not after the origin") {
  Site site;
  site.books->rir = Rir::ripencc;
  site.dns.set("1.237.239.62.origin.asn.cymru.com", tests::txt,
               {{}, tests::server_failure, 0, milliseconds(500), {}});
  const auto inquiry = site.ask(bt);
  while (inquiry->facts().net_name.state() == State::pending)
    site.run(inquiry->wait_for_more(Clock::now() + long_time));
  CHECK(text(inquiry->facts().net_name) == "BT-CORPORATE");
  CHECK(inquiry->facts().as_numbers.state() == State::pending);
}

TEST_CASE("what files know nobody is asked about") {
  Site site;
  site.books->country = "GB";
  site.books->known = KnownNetwork{"FROM-THE-DUMP", ""};
  site.books->names[2856] = "NAMED IN A FILE, GB";
  auto facts = site.find(bt);
  CHECK(value(facts.as_names) == Words{"NAMED IN A FILE, GB"});  // of the number that was asked for
  CHECK(text(facts.as_cc) == "GB");
  CHECK(text(facts.net_name) == "FROM-THE-DUMP");
  CHECK(text(facts.net_cc) == "(absent)");
  CHECK(facts.entities.state() == State::unknown);
  CHECK(site.dns.asked("as2856.asn.cymru.com") == 0);
  CHECK(site.rdap.asked() == 0);
  site.books->rir = Rir::ripencc;
  facts = site.find(bt, facts::needs_entities);  // which no file has
  CHECK(value(facts.entities) == Words{"BTCR3-RIPE"});
  CHECK(text(facts.net_name) == "FROM-THE-DUMP");
  facts = site.find(bt, facts::needs_entities);  // now it is remembered
  CHECK(text(facts.net_name) == "BT-CORPORATE");
  CHECK(text(facts.net_cc) == "GB");
  CHECK(site.rdap.asked() == 1);
}

TEST_CASE("[registry] ask = lists asks for what a list needs, and never asks nobody") {
  Site site("ask = lists\n");
  auto facts = site.find(bt);
  CHECK(site.asked_cymru() + site.rdap.asked() == 0);
  CHECK(text(facts.net_name) == "(unknown)");
  facts = site.find(bt, facts::needs_as_cc);
  CHECK(text(facts.as_cc) == "GB");
  CHECK(site.dns.asked("as2856.asn.cymru.com") + site.rdap.asked() == 0);
  facts = site.find(bt, facts::needs_as_names);
  CHECK(value(facts.as_names) == Words{"BT-UK-AS BTnet UK Regional network, GB"});
  facts = site.find(bt, facts::needs_network);
  CHECK(text(facts.net_cc) == "GB");

  Site silent("ask = never\n");
  facts = silent.find(bt, facts::needs_registry);
  CHECK(silent.asked_cymru() + silent.rdap.asked() == 0);
  CHECK(facts.unanswered == 0);
  CHECK(line(facts).find("as_cc=None, as_desc=<None>, as_org=<None>, net_name=<None>, net_cc=None, "
                         "entity=,") != std::string::npos);
}

TEST_CASE("without Team Cymru a registry is still asked, and without registries Team Cymru") {
  Site site("cymru = no\n");
  site.books->rir = Rir::ripencc;
  auto facts = site.find(bt);
  CHECK(text(facts.net_name) == "BT-CORPORATE");
  CHECK(text(facts.as_cc) == "(unknown)");
  CHECK(facts.unanswered == 0);
  CHECK(site.asked_cymru() == 0);
  Site origins("", false);
  facts = origins.find(bt);
  CHECK(text(facts.as_cc) == "GB");
  CHECK(text(facts.net_name) == "(unknown)");
  CHECK(facts.unanswered == 0);
}

TEST_CASE("every system of a multi-origin prefix has its name, in the order of the numbers") {
  Site site;
  site.dns.add("31.108.90.216.origin.asn.cymru.com", tests::txt,
               "23028 2856 701 | 216.90.108.0/24 | US | arin | 1998-09-25");
  site.dns.add("as23028.asn.cymru.com", tests::txt, "23028 | US | arin | 2002-01-04 | CYMRU, US");
  site.books->names[701] = "UUNET, US";
  const Words names{"CYMRU, US", "BT-UK-AS BTnet UK Regional network, GB", "UUNET, US"};
  const auto facts = site.find("216.90.108.31");
  CHECK(value(facts.as_numbers) == Numbers{23028, 2856, 701});
  CHECK(value(facts.as_names) == names);
  CHECK(value(site.ask("216.90.108.31")->facts().as_names) == names);  // at once
  site.network->registry.flush_as_name(2856);
  const auto inquiry = site.ask("216.90.108.31");
  CHECK(inquiry->facts().as_names.state() == State::pending);
  site.run(inquiry->wait_for_all(Clock::now() + long_time));
  CHECK(value(inquiry->facts().as_names) == names);
  const auto& tellers = inquiry->tellers().as_names;
  REQUIRE(tellers.size() == 3);
  CHECK(tellers[0].first == 23028);
  CHECK(tellers[0].second.source == facts::Source::remembered);
  CHECK(tellers[1].first == 2856);
  CHECK(tellers[1].second.source == facts::Source::asked);
  CHECK(tellers[2].second.from == "");  // the file
}

TEST_CASE("when the name of one system cannot be found out, a list cannot tell") {
  Site site;
  site.dns.add("31.108.90.216.origin.asn.cymru.com", tests::txt,
               "2856 701 | 216.90.108.0/24 | US | arin | 1998-09-25");
  site.dns.set("as701.asn.cymru.com", tests::txt, {{}, tests::server_failure, 0, {}, {}});
  const auto facts = site.find("216.90.108.31");
  CHECK(value(facts.as_names) == Words{"BT-UK-AS BTnet UK Regional network, GB"});
  CHECK((facts.unanswered & facts::needs_as_names));
  const auto ignore = [](const rules::Subject&) {};
  CHECK(rules::find_list_type("as_names")->look(facts, ignore) == State::unknown);
}

TEST_CASE("C15 what nobody could tell is unknown to lists, and the line has the old words") {
  Site site;
  site.books->rir = Rir::ripencc;
  site.dns.set_all({{}, tests::server_failure, 0, {}, {}});
  site.dns.forget("1.237.239.62.origin.asn.cymru.com", tests::txt);
  site.rdap.stop();
  const auto facts = site.find(bt);
  for (const auto* fact : {&facts.as_cc, &facts.net_name, &facts.net_cc})
    CHECK(text(*fact) == "(unknown)");
  CHECK(facts.as_numbers.state() == State::unknown);
  CHECK(facts.as_names.state() == State::unknown);
  CHECK(line(facts).find("asn=None, as_cc=ZZ, as_desc=<ERROR-RESPONSE>, as_org=<None>, "
                         "net_name=<WHOIS ERROR>, net_cc=ZZ, entity=, ") != std::string::npos);
}

TEST_CASE("what is not announced and not registered is absent") {
  Site site;
  site.books->rir = Rir::ripencc;
  const auto facts = site.find("62.239.1.1");
  CHECK(facts.as_numbers.state() == State::absent);
  CHECK(facts.as_names.state() == State::absent);
  for (const auto* fact : {&facts.as_cc, &facts.net_name, &facts.net_cc})
    CHECK(text(*fact) == "(absent)");
  CHECK(facts.entities.state() == State::absent);
  CHECK(line(facts).find("as_cc=None, as_desc=<None>, as_org=<None>, net_name=<None>") !=
        std::string::npos);
}

TEST_CASE("nobody is asked about addresses that are private, reserved or of the site") {
  Site site;
  site.sources.local_networks = {{*base::parse_network("62.239.237.0/24"), "office"}};
  for (const char* address : {"10.1.2.3", "127.0.0.1", "192.0.2.1", "fe80::1", bt}) {
    CAPTURE(address);
    const auto facts = site.find(address, facts::needs_registry);
    CHECK(text(facts.net_cc) == "ZZ");
  }
  CHECK(site.asked_cymru() + site.rdap.asked() == 0);
}

TEST_CASE("of 6to4 and the like the client behind it is asked about") {
  Site site;
  const auto facts = site.find("2002:3eef:ed01::1");
  CHECK(text(facts.net_name) == "BT-CORPORATE");
  CHECK(value(facts.as_numbers) == Numbers{2856});
}

TEST_CASE("at the deadline what registries have not said is unknown, and is still taken later") {
  Site site;
  site.books->rir = Rir::ripencc;
  site.dns.set("1.237.239.62.origin.asn.cymru.com", tests::txt,
               {{{"1.237.239.62.origin.asn.cymru.com", tests::txt,
                  "2856 | 62.239.0.0/16 | GB | ripencc | 2001-06-14", 300}},
                tests::no_error,
                0,
                milliseconds(300),
                {}});
  const auto inquiry = site.ask(bt);
  site.run(inquiry->wait_for_all(Clock::now() + milliseconds(100)));
  const auto pending = inquiry->pending();
  CHECK(std::find(pending.begin(), pending.end(), "as_cc") != pending.end());
  const auto settled = inquiry->settled();
  CHECK(settled.as_numbers.state() == State::unknown);
  CHECK(text(settled.as_cc) == "(unknown)");
  CHECK(line(inquiry->facts()).find("asn=None, as_cc=None, as_desc=<None>") != std::string::npos);
  site.run(inquiry->wait_for_all(Clock::now() + long_time));
  CHECK(text(inquiry->facts().as_cc) == "GB");
}

TEST_CASE("an inquiry ends when the network is told to stop, whoever is being asked") {
  Site site;
  site.dns.ignore_all(true);
  site.books->rir = Rir::ripencc;
  const auto inquiry = site.ask(bt);
  site.network->stop();
  site.finish();
  CHECK(inquiry->pending().empty());
  CHECK(text(inquiry->facts().net_name) == "(unknown)");
}
