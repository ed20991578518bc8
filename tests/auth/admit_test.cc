// Who may log in from where: the lists behind a right password, and what becomes of a login without
// an address, by a proxy, of a master user, or of whom the network does not tell in time.
// SPDX-License-Identifier: MIT

#include "cached/auth/admit.h"

#include "cached/base/text.h"
#include "tests/auth/world.h"

namespace {

using base::Answer;
using base::cat;
using base::Request;
using base::Verdict;
using std::chrono::milliseconds;
using tests::is;
using Clock = std::chrono::steady_clock;

struct Site : tests::World {
  Site() {
    remote_ip = "8.8.8.8";
    id = add("alice", "right");
  }
  std::int64_t id = 0;

  // A list of these networks; `more` is of its section and others.
  void list(const std::string& networks, const std::string& more = "") {
    configure(cat("[list ip_networks]\npath = ", write("ip.lst", networks), "\n", more));
  }
  // A zone that works, and is silent about the client.
  void zone(const std::string& more) {
    server.add("2.0.0.127.list.example", tests::a, "127.0.0.2");
    server.set("8.8.8.8.list.example", tests::a, {{}, 0, 0, {}, tests::Reply::Kind::silent});
    configure(cat("[audit]\nnetwork_time = 50ms\n[dnsbl zone]\nzone = list.example\n",
                  "codes = 127.0.0.2\nmode = enforce\n", more));
  }
  // Until nobody is asked any more.
  void settle() {
    while (loop::roots() > 0) uv_run(&loop.loop, UV_RUN_ONCE);
  }
  bool is_recorded() {
    stop();
    const bool used = !store->list("alice")->front().last_used.empty();
    start();
    return used;
  }
};

}  // namespace

TEST_CASE("a listed login with a right password is denied, with its rule, and is no use of it") {
  Site site;
  site.list("# head\n8.8.8.0/24 # reason=open relay\n", "message = Not from there\n");
  const Verdict verdict = site.ask("alice", "right");
  CHECK(is(verdict, Answer::deny, "on the list ip_networks: open relay"));
  CHECK(verdict.matched == "ip_net");
  CHECK(verdict.rule == site.scratch.directory + "/ip.lst:2");
  CHECK(verdict.message == "Not from there");
  CHECK(verdict.fields.empty());
  REQUIRE(verdict.password);
  CHECK(verdict.password->id == site.id);
  CHECK(!site.is_recorded());
}

TEST_CASE("who has a wrong password is told so, and nothing of lists, and nobody is asked") {
  Site site;
  site.list("0.0.0.0/0\n::/0\n", "message = Not from there\n");
  for (const char* user : {"alice", "bob"}) {
    const Verdict verdict = site.ask(user, "wrong");
    CHECK(is(verdict, Answer::deny, user[0] == 'a' ? "wrong password" : "unknown user"));
    CHECK(verdict.matched == "");
    CHECK(verdict.rule == "");
    CHECK(verdict.message == "");
  }
  CHECK(site.server.asked() == 0);
}

TEST_CASE(
    "process_unknown = yes asks the network about a wrong password too, which does not wait") {
  Site site;
  site.list("9.9.9.9\n", "[audit]\nprocess_unknown = yes\n");
  CHECK(is(site.ask("alice", "wrong"), Answer::deny, "wrong password"));
  site.settle();
  CHECK(site.server.asked("8.8.8.8.in-addr.arpa") == 1);
}

TEST_CASE("a deleted password, and one that is not taken from there, go before the lists") {
  Site site;
  const auto gone = site.add("alice", "gone");
  REQUIRE(site.store->revoke(gone));
  site.list("0.0.0.0/0\n", "[auth]\ndisallow_passwords_from = 8.8.8.8\n");
  CHECK(is(site.ask("alice", "gone"), Answer::deny, "deleted"));
  CHECK(is(site.ask("alice", "right"), Answer::deny, "not from this network"));
}

TEST_CASE("who is not listed is let in, and the use is recorded") {
  Site site;
  site.list("9.9.9.0/24\n");
  const Verdict verdict = site.ask("alice", "right");
  CHECK(is(verdict, Answer::permit));
  CHECK(verdict.logged);
  CHECK(site.is_recorded());
}

TEST_CASE("a private address is never refused, but from a disabled service") {
  Site site;
  site.list("0.0.0.0/0\n::/0\n");
  for (const char* address : {"10.1.2.3", "127.0.0.1", "fd00::1", "::ffff:192.168.1.1"}) {
    site.remote_ip = address;
    CHECK(is(site.ask("alice", "right"), Answer::permit));
  }
  site.remote_ip = "100.64.0.1";  // A01: not private
  CHECK(site.ask("alice", "right").answer == Answer::deny);
  site.remote_ip = "10.1.2.3";
  site.options().auth.disabled_services = {"imap"};
  const Verdict verdict = site.ask("alice", "right");
  CHECK(is(verdict, Answer::deny, "service disabled"));
  CHECK(verdict.matched == "service");
}

TEST_CASE("who is ignored is let in and not logged, from a private address too") {
  Site site;
  site.list("0.0.0.0/0\n", "[audit]\nignore_networks = 8.8.8.8 10.0.0.0/8\n");
  for (const char* address : {"8.8.8.8", "10.1.2.3"}) {
    site.remote_ip = address;
    const Verdict verdict = site.ask("alice", "right");
    CHECK(is(verdict, Answer::permit));
    CHECK(!verdict.logged);
  }
  site.remote_ip = "192.168.1.1";
  CHECK(site.ask("alice", "right").logged);
}

TEST_CASE("an audit is judged by the lists alone") {
  Site site;
  site.list("8.8.8.8\n");
  const Verdict verdict = site.ask("nobody", "", Request::audit);
  CHECK(is(verdict, Answer::deny, "on the list ip_networks"));
  CHECK(verdict.matched == "ip_net");
  CHECK(!verdict.password);
  site.remote_ip = "8.8.4.4";
  CHECK(is(site.ask("nobody", "", Request::audit), Answer::permit));
}

TEST_CASE("a lookup is not judged by the lists") {
  Site site;
  site.list("0.0.0.0/0\n");
  CHECK(is(site.ask("alice", "", Request::lookup), Answer::permit));
}

TEST_CASE("A09 what is no address cannot be judged, where there are lists") {
  Site site;
  site.list("9.9.9.9\n");
  for (const char* garbage : {"localhost", "8.8.8.8 ", "8.8.8", "1.2.3.4;touch"}) {
    site.remote_ip = garbage;
    CHECK(is(site.ask("alice", "right"), Answer::later, cat(garbage, " is not an address")));
    CHECK(is(site.ask("alice", "wrong"), Answer::deny, "wrong password"));
  }
  site.remote_ip = "<\n>";
  CHECK(is(site.ask("alice", "right"), Answer::later, "\\x3c\\x0a\\x3e is not an address"));
  site.configure("");
  CHECK(is(site.ask("alice", "right"), Answer::permit));
}

TEST_CASE("a login without an address is answered as configured, where there are lists") {
  Site site;
  site.remote_ip = "";
  for (const auto& [word, answer] :
       {std::pair("permit", Answer::permit), std::pair("deny", Answer::deny),
        std::pair("later", Answer::later)}) {
    site.list("0.0.0.0/0\n", cat("[audit]\nwithout_address = ", word, "\n"));
    const Verdict verdict = site.ask("alice", "right");
    CHECK(is(verdict, answer, answer == Answer::permit ? "" : "no remote address"));
    site.configure(cat("[audit]\nwithout_address = ", word, "\n"));
    CHECK(is(site.ask("alice", "right"), Answer::permit));
  }
}

TEST_CASE("a master user is judged, or let in, as configured") {
  Site site;
  site.master = "admin";
  site.list("8.8.8.8\n");
  CHECK(site.ask("alice", "right").answer == Answer::deny);
  site.list("8.8.8.8\n", "[audit]\nmaster_users = permit\n");
  CHECK(is(site.ask("alice", "right"), Answer::permit));
  CHECK(is(site.ask("alice", "wrong"), Answer::deny, "wrong password"));
  site.master = "";
  CHECK(site.ask("alice", "right").answer == Answer::deny);
}

TEST_CASE("the lists see the proxy as well when they are told to") {
  Site site;
  site.proxy = "9.9.9.9";
  site.list("9.9.9.9\n");
  CHECK(is(site.ask("alice", "right"), Answer::permit));
  const std::string both = "[audit]\nproxies = both\n";
  site.list("9.9.9.9\n", both);
  CHECK(site.ask("alice", "right").matched == "ip_net");
  site.list("8.8.8.8\n", both);
  CHECK(site.ask("alice", "right").matched == "ip_net");
  site.list("7.7.7.7\n", both);
  CHECK(is(site.ask("alice", "right"), Answer::permit));
  site.proxy = "";
  CHECK(is(site.ask("alice", "right"), Answer::permit));
  site.proxy = "::ffff:8.8.8.8";  // the client itself
  CHECK(is(site.ask("alice", "right"), Answer::permit));
  site.proxy = "9.9.9";
  CHECK(is(site.ask("alice", "right"), Answer::later, "9.9.9 is not an address"));
}

TEST_CASE("what a list cannot see in time is answered as the list says, and within the time") {
  const std::pair<const char*, Answer> policies[] = {
      {"allow", Answer::permit}, {"deny", Answer::deny}, {"later", Answer::later}};
  for (const auto& [word, answer] : policies) {
    Site site;
    site.zone(cat("unknown = ", word, "\nmessage = Sorry\n"));
    const auto start = Clock::now();
    const Verdict verdict = site.ask("alice", "right");
    CHECK(Clock::now() - start < milliseconds(10000));
    CHECK(is(verdict, answer, answer == Answer::permit ? "" : "the list zone cannot tell"));
    CHECK(verdict.matched == (answer == Answer::deny ? "dnsbl" : ""));
    CHECK(verdict.message == (answer == Answer::deny ? "Sorry" : ""));
    CHECK(verdict.rule == "");
    CHECK(site.is_recorded() == (answer == Answer::permit));
    site.settle();
  }
}

TEST_CASE("who is on a DNS list is refused by its name, and the zone itself is told nobody") {
  Site site;
  site.zone("");
  site.server.set("8.8.8.8.list.example", tests::a,
                  {{{"8.8.8.8.list.example", tests::a, "127.0.0.2", 300}}, 0, 0, {}, {}});
  site.options().audit.network_time = milliseconds(20000);
  const Verdict verdict = site.ask("alice", "right");
  CHECK(is(verdict, Answer::deny, "on the list zone"));
  CHECK(verdict.matched == "dnsbl");
  CHECK(verdict.rule == "zone");
  site.settle();
}

TEST_CASE("nobody waits for the network where no list needs it") {
  Site site;
  site.server.ignore_all(true);
  site.list("9.9.9.9\n",
            "[audit]\nnetwork_time = 60s\n[limits]\nrequest_time = 10s\n"
            "[registry]\nask = always\nrdap = arin=https://127.0.0.1:1\n");
  CHECK(is(site.ask("alice", "right"), Answer::permit));
  CHECK(site.server.asked("8.8.8.8.in-addr.arpa") >= 0);
  site.services->network.stop();
  site.settle();
}

TEST_CASE("a list in mode = log refuses nobody, and waits for nobody") {
  Site site;
  site.server.ignore_all(true);
  site.configure(cat("[audit]\nnetwork_time = 60s\n[list reverse_hostname]\nmode = log\n",
                     "unknown = deny\npath = ", site.write("host.lst", ".*\n"), "\n"));
  CHECK(is(site.ask("alice", "right"), Answer::permit));
  facts::Facts facts = facts::look_up({}, *base::parse_address("8.8.8.8"));
  CHECK(auth::trials(*site.snapshot, facts) ==
        std::vector<std::string>{"rev_host reverse_hostname cannot tell"});
  facts.reverse_names = facts::Fact<std::vector<std::string>>::pending();
  CHECK(auth::trials(*site.snapshot, facts).empty());
  facts.reverse_names = std::vector<std::string>{"mail.example"};
  CHECK(auth::trials(*site.snapshot, facts) ==
        std::vector<std::string>{cat("rev_host ", site.scratch.directory, "/host.lst:1")});
  site.services->network.stop();
  site.settle();
}

TEST_CASE("nobody waits for a zone that only logs, or comes behind the one that refuses") {
  for (const char* mode : {"log", "enforce"}) {
    Site site;
    site.zone(cat("unknown = deny\n[dnsbl slow]\nzone = slow.example\ncodes = 127.0.0.2\nmode = ",
                  mode, "\n[limits]\nrequest_time = 10s\n"));
    for (const char* zone : {"list", "slow"})
      site.server.set(
          cat("8.8.8.8.", zone, ".example"), tests::a,
          {{{cat("8.8.8.8.", zone, ".example"), tests::a, "127.0.0.2", 300}}, 0, 0, {}, {}});
    site.server.set("2.0.0.127.slow.example", tests::a, {{}, 0, 0, {}, tests::Reply::Kind::silent});
    site.options().audit.network_time = milliseconds(60000);
    CHECK(is(site.ask("alice", "right"), Answer::deny, "on the list zone"));
    CHECK(site.services->network.dns.questions() > 0);
    site.services->network.stop();
    site.settle();
  }
}

TEST_CASE("a reload while a login waits does not change its lists") {
  Site site;
  site.zone("unknown = deny\n");
  auto login = std::make_shared<base::Login>();
  login->request = Request::audit;
  login->remote_ip = "8.8.8.8";
  std::optional<Verdict> verdict;
  auto answer = auth::answer(*site.services, site.snapshot, login);
  loop::spawn(tests::TestLoop::keep(std::move(answer), verdict));
  CHECK(!verdict);
  const std::weak_ptr<const auth::Snapshot> old = site.snapshot;
  site.configure("");
  login.reset();
  while (!verdict) uv_run(&site.loop.loop, UV_RUN_ONCE);
  CHECK(verdict->answer == Answer::deny);
  site.settle();
  CHECK(old.expired());
}
