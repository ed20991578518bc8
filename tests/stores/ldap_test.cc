// The parts of the account lookup that need no directory, and servers that say nothing. The rest is
// tested end to end, against slapd.
// SPDX-License-Identifier: MIT

#include "cached/stores/ldap.h"

#include <arpa/inet.h>
#include <doctest/doctest.h>
#include <sys/socket.h>
#include <unistd.h>
#include <map>
#include <thread>

#include "cached/base/text.h"

namespace {

using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

stores::LdapOptions options_for(const std::string& uri) {
  auto options = config::default_options().ldap;
  options.uri = {uri};
  options.base = "dc=example,dc=org";
  options.connect_time = milliseconds(400);
  options.query_time = milliseconds(400);
  return options;
}

std::string problem_of(const stores::LdapOptions& options) {
  const auto status = stores::check_ldap(options);
  return status ? "" : status.error().text;
}

std::string filled(const char* word, const std::map<std::string, std::string>& entry) {
  const auto field = stores::parse_field(word);
  if (!field) return "no field";
  const auto first_value = [&](const std::string& attribute) -> std::optional<std::string> {
    const auto found = entry.find(attribute);
    if (found == entry.end()) return std::nullopt;
    return found->second;
  };
  const auto value = stores::fill(*field, first_value);
  return value ? field->name + "=" + *value : "left out";
}

// Takes connections, as the kernel does for a stopped process, and says nothing but `greeting`.
class MuteServer {
 public:
  explicit MuteServer(std::string_view greeting = {}) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    REQUIRE(bind(listener_, reinterpret_cast<sockaddr*>(&address), size) == 0);
    REQUIRE(listen(listener_, 4) == 0);
    REQUIRE(getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) == 0);
    port_ = ntohs(address.sin_port);
    if (!greeting.empty()) speaker_ = std::thread([this, greeting] { speak(greeting); });
  }
  ~MuteServer() {
    shutdown(listener_, SHUT_RDWR);  // ends accept()
    if (speaker_.joinable()) speaker_.join();
    close(client_);
    close(listener_);
  }
  std::string uri(const char* scheme) const { return base::cat(scheme, "://127.0.0.1:", port_); }

 private:
  const int listener_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  int client_ = -1;
  int port_ = 0;
  std::thread speaker_;

  void speak(std::string_view greeting) {
    client_ = accept(listener_, nullptr, nullptr);
    CHECK(write(client_, greeting.data(), greeting.size()) > 0);
  }
};

// Connects, looks somebody up and closes; what the error says, and that it took its time once.
std::string lookup(const stores::LdapOptions& options) {
  const auto start = Clock::now();
  std::string problem;
  {
    const auto connection = stores::LdapConnection::open(options, 0);
    if (connection) {
      const auto account = (*connection)->find("alice");
      problem = account ? "found" : account.error().text;
      CHECK((*connection)->is_stale());
    } else {
      problem = connection.error().text;
    }
  }
  CHECK(Clock::now() - start >= milliseconds(390));
  CHECK(Clock::now() - start < milliseconds(800));
  return problem;
}

}  // namespace

TEST_CASE("A04: a user name is a value in the filter and nothing else") {
  CHECK(stores::escape_filter("alice@example.org") == "alice@example.org");
  CHECK(stores::escape_filter("*") == "\\2a");
  CHECK(stores::escape_filter("zz)(uid=user00001") == "zz\\29\\28uid=user00001");
  CHECK(stores::escape_filter("\\75ser") == "\\5c75ser");
  CHECK(stores::escape_filter(std::string_view("a\0b\n\x7f\xc3\xbc", 7)) ==
        "a\\00b\\0a\\7f\\c3\\bc");
}

TEST_CASE("options for a directory are checked before it is asked") {
  auto options = options_for("ldap://127.0.0.1");
  options.uri = {"ldap://a", "ldaps://b:636", "ldapi://%2Frun%2Fslapd%2Fldapi", "ldap://[::1]:389"};
  options.filter = "(&(objectClass=posixAccount)(|(uid=%n)(mail=%u))(!(x=50%%)))";
  options.fields = {"home=%{homeDirectory}", "quota_rule=*:bytes=%{mailQuota}"};
  CHECK(problem_of(options) == "");
  options.bind_dn = "cn=cached";
  CHECK(problem_of(options) == "bind_password: is empty, but there is a bind_dn");
  CHECK(problem_of(config::default_options().ldap) == "");
}

TEST_CASE("a uri is a server and no more") {
  for (const char* uri : {"http://a", "LDAPS://a", "a", "ldap:/a", "cldap://a", "ldap://a:x"})
    CHECK_MESSAGE(problem_of(options_for(uri))
                      .ends_with("is not ldap://HOST, ldaps://HOST or "
                                 "ldapi://PATH"),
                  uri);
  CHECK(problem_of(options_for("ldap://a/dc=b??sub")) ==
        "uri: <ldap://a/dc=b??sub> has more than a server in it");
}

TEST_CASE("a filter is well-formed and has the user in it") {
  auto options = options_for("ldap://a");
  for (const char* filter :
       {"(uid=%u", "uid=%u)", "(uid=%u))", "(&(uid=%u)", "()(uid=%u)", "(uid=%u\\zz)", "(%u)"}) {
    options.filter = filter;
    CHECK_MESSAGE(problem_of(options) == "filter: is not a filter (RFC 4515)", filter);
  }
  for (const char* filter : {"", "(uid=*)", "(uid=%%u)", "(uid=%x)"}) {
    options.filter = filter;
    CHECK_MESSAGE(problem_of(options).starts_with("filter: without %u, %n or %d"), filter);
  }
}

TEST_CASE("every problem of the options is told, each with its option") {
  auto options = options_for("ldap://a");
  options.base = "ou=%d,dc=org";
  options.fields = {"home", "home=%{}", "home=%{x", "home=%u", "a b=c", "=x"};
  CHECK(problem_of(options) ==
        "base: has a %, but is the same for everybody\n"
        "fields: <home> is not name=value\n"
        "fields: <home=%{}>: after % comes {attribute} or another %\n"
        "fields: <home=%{x>: after % comes {attribute} or another %\n"
        "fields: <home=%u>: after % comes {attribute} or another %\n"
        "fields: <a b=c> is not name=value\n"
        "fields: <=x> is not name=value");
  options.base = "nonsense";
  CHECK(problem_of(options).starts_with("base: is not a distinguished name"));
}

TEST_CASE("A06: a field is left out when the account lacks its attribute") {
  CHECK(filled("home=%{homeDirectory}", {{"homeDirectory", "/home/al"}}) == "home=/home/al");
  CHECK(filled("home=%{homeDirectory}", {}) == "left out");
  CHECK(filled("home=%{homeDirectory}", {{"homeDirectory", ""}}) == "left out");
  CHECK(filled("quota_rule=*:bytes=%{q}", {{"q", "10"}}) == "quota_rule=*:bytes=10");
  CHECK(filled("x=%{a}/%{b}%%", {{"a", "%{b}"}, {"b", "="}}) == "x=%{b}/=%");
  CHECK(filled("uid=vmail", {}) == "uid=vmail");
}

TEST_CASE("a field is left out when its attribute cannot be meant for it") {
  CHECK(filled("home=%{h}", {{"h", "/home/a\nb"}}) == "left out");
  CHECK(filled("home=%{h}", {{"h", "/home/a\tb"}}) == "left out");
  CHECK(filled("home=%{h}", {{"h", std::string("/home/a\0b", 9)}}) == "left out");
  CHECK(filled("home=%{h}", {{"h", std::string(1025, 'a')}}) == "left out");
  CHECK(filled("home=%{h}", {{"h", "/home/J\xc3\xbcrgen"}}) == "home=/home/J\xc3\xbcrgen");
}

TEST_CASE("a server that takes connections and says nothing costs each step its time once") {
  const MuteServer server;
  auto options = options_for(server.uri("ldap"));
  CHECK(lookup(options) == base::cat("directory ", options.uri[0],
                                     ": user <alice> below <dc=example,dc=org>: no answer in "
                                     "time"));
  options.start_tls = "yes";
  CHECK(lookup(options) ==
        base::cat("directory ", options.uri[0], ": cannot start TLS: no answer in time"));
  options.start_tls = "no";
  options.bind_dn = "cn=cached";
  options.bind_password = config::Password("secret");
  CHECK(lookup(options) ==
        base::cat("directory ", options.uri[0], ": cannot bind as <cn=cached>: no answer in time"));
  options = options_for(server.uri("ldaps"));
  CHECK(lookup(options) ==
        base::cat("directory ", options.uri[0], ": cannot connect: no answer in time"));
}

TEST_CASE("a server that stops within an answer costs its time once") {
  const MuteServer search("0\x82\x01");  // the first bytes of an LDAP message, RFC 4511
  const auto said = lookup(options_for(search.uri("ldap")));
  CHECK_MESSAGE(said.ends_with("no answer in time"), said);
  const MuteServer handshake("\x16\x03\x03\x02");  // and of a TLS record
  CHECK(lookup(options_for(handshake.uri("ldaps"))).ends_with("no answer in time"));
}
