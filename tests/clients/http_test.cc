// Documents by HTTPS, from a server that answers well, badly, slowly and not at all.
// SPDX-License-Identifier: MIT

#include "cached/clients/http.h"

#include <dlfcn.h>
#include <netdb.h>
#include <ctime>

#include "cached/base/text.h"
#include "cached/loop/group.h"
#include "cached/loop/sleep.h"
#include "tests/clients/tls_server.h"
#include "tests/loop/test_loop.h"

// Instead of libc's: it takes long for stuck.test.
extern "C" int getaddrinfo(const char* node, const char* service, const addrinfo* hints,
                           addrinfo** found) {
  static const auto real =
      reinterpret_cast<decltype(&getaddrinfo)>(dlsym(RTLD_NEXT, "getaddrinfo"));
  if (node && std::string_view(node) == "stuck.test") {
    std::this_thread::sleep_for(std::chrono::seconds(4));
    return EAI_AGAIN;
  }
  return real(node, service, hints, found);
}

namespace {

using base::cat;
using clients::Http;
using clients::HttpAnswer;
using clients::HttpRequest;
using std::chrono::milliseconds;
using std::chrono::seconds;
using Reply = tests::Server::Reply;
using Clock = std::chrono::steady_clock;

const tests::Authority& authority() {
  static const tests::Authority one;
  return one;
}

std::string document(const std::string& status, const std::string& body,
                     const std::string& headers = "") {
  return cat("HTTP/1.1 ", status, "\r\nContent-Length: ", body.size(), "\r\n", headers, "\r\n",
             body);
}

Reply redirect(const std::string& to) {
  return {document("302 Found", "", cat("Location: ", to, "\r\n"))};
}

// What stands behind GET.
std::string path_of(const std::string& received) {
  return received.substr(4, received.find(' ', 4) - 4);
}

Reply good(const std::string&) { return {document("200 OK", "{}")}; }

struct Site : tests::TestLoop {
  const std::shared_ptr<SSL_CTX> context;
  tests::Server server;
  Http http{&loop};
  explicit Site(tests::Server::Answer answer, const std::string& host = "127.0.0.1")
      : context(authority().context_for(host)), server(std::move(answer), context) {}

  HttpRequest request(const std::string& path = "/") const {
    HttpRequest made;
    made.url = cat("https://", server.address(), path);
    made.accept = "application/rdap+json";
    made.tls_ca = authority().file();
    return made;
  }
  HttpAnswer get(const HttpRequest& made) { return result_of(http.get(made)); }
  HttpAnswer get(const std::string& path = "/") { return get(request(path)); }
};

milliseconds since(Clock::time_point start) {
  return std::chrono::duration_cast<milliseconds>(Clock::now() - start);
}

loop::Task<void> keep(loop::Task<HttpAnswer> task, HttpAnswer& answer) { answer = co_await task; }

loop::Task<void> pause(uv_loop_t* loop, milliseconds time) {
  auto waiting = loop::sleep(loop, time);
  co_await waiting;
}

}  // namespace

TEST_CASE("a document is fetched, and who asks says what it wants and who it is") {
  std::string received;
  Site site([&](const std::string& text) {
    received = text;
    return Reply{document("200 OK", "{\"a\":1}")};
  });
  const auto answer = site.get("/ip/192.0.2.1");
  CHECK(answer.status == 200);
  CHECK(answer.body == "{\"a\":1}");
  CHECK(answer.host == "127.0.0.1");
  CHECK(answer.problem == "");
  CHECK(!answer.retry_after);
  CHECK(received == cat("GET /ip/192.0.2.1 HTTP/1.1\r\nHost: ", site.server.address(),
                        "\r\nUser-Agent: checkpass/1 (login gate of a mail server)\r\n"
                        "Accept: application/rdap+json\r\n\r\n"));
}

TEST_CASE("a connection is used again, and a new one made when it is gone") {
  int count = 0;
  Site site([&](const std::string&) {
    count++;
    return Reply{document("200 OK", "{}"), {}, count == 5 ? Reply::Then::close : Reply::Then::keep};
  });
  for (int i = 0; i < 5; i++) CHECK(site.get().status == 200);
  CHECK(site.server.accepted() == 1);
  for (int i = 0; i < 5; i++) CHECK(site.get().status == 200);
  CHECK(site.server.accepted() == 2);
}

TEST_CASE("cookies are neither kept nor sent, and no proxy is taken from the environment") {
  setenv("https_proxy", "http://127.0.0.1:1", 1);
  std::string received;
  Site site([&](const std::string& text) {
    received = text;
    return Reply{document("200 OK", "{}", "Set-Cookie: a=b\r\n")};
  });
  CHECK(site.get().status == 200);
  CHECK(site.get().status == 200);
  unsetenv("https_proxy");
  CHECK(received.find("ookie") == std::string::npos);
}

TEST_CASE("a body longer than allowed is not read to its end, announced or not") {
  const std::string body(10 << 20, 'x');
  Site announced([&](const std::string&) { return Reply{document("200 OK", body)}; });
  CHECK(announced.get().problem == "the answer is too long");
  CHECK(announced.get().body == "");
  CHECK(announced.get().was_answered);
  Site endless([&](const std::string&) {
    return Reply{cat("HTTP/1.1 200 OK\r\n\r\n", body), {}, Reply::Then::close};
  });
  CHECK(endless.get().problem == "the answer is too long");
  auto request = announced.request();
  request.most_bytes = body.size();
  CHECK(announced.get(request).body.size() == body.size());
  request.most_bytes--;
  CHECK(announced.get(request).status == 0);
}

TEST_CASE("headers without an end are not read to their end") {
  std::string headers = "HTTP/1.1 200 OK\r\n";
  for (int i = 0; i < 100000; i++) headers += cat("X-", i, ": xxxxxxxxxxxxxxxxxxxxxx\r\n");
  Site site([&](const std::string&) { return Reply{headers, {}, Reply::Then::wait}; });
  CHECK(site.get().problem == "the answer is too long");
  Site early([&](const std::string&) {  // before the answer
    std::string hints;
    for (int i = 0; i < 10000; i++) hints += "HTTP/1.1 100 Continue\r\n\r\n";
    return Reply{hints, {}, Reply::Then::wait};
  });
  CHECK(early.get().problem == "the answer is too long");
}

TEST_CASE("five redirects are followed, and not six") {
  Site site([](const std::string& text) {
    const int left = path_of(text)[1] - '0';
    return left == 0 ? good(text) : redirect(cat("/", left - 1));
  });
  CHECK(site.get("/5").status == 200);
  const auto answer = site.get("/6");
  CHECK(answer.status == 0);
  CHECK(answer.problem == "more than 5 redirects");
  CHECK(answer.was_answered);
  CHECK(site.server.accepted() == 1);
  CHECK(site.server.asked() == 6 + 6);
}

TEST_CASE("a redirect in a circle ends, with whatever status that leads on") {
  for (const char* status : {"301 x", "302 x", "303 x", "307 x", "308 x"}) {
    Site site([&](const std::string&) { return Reply{document(status, "", "Location: /\r\n")}; });
    CHECK(site.get().problem == "more than 5 redirects");
    CHECK(site.server.asked() == 6);
  }
  Site other([&](const std::string&) { return Reply{document("300 x", "y", "Location: /\r\n")}; });
  CHECK(other.get().status == 300);
  CHECK(other.get().body == "");
}

TEST_CASE("a redirect leads only to hosts that are named, by https, at ports that are meant") {
  std::string to;
  Site second(good, "localhost");
  Site site(
      [&](const std::string& text) { return path_of(text) == "/" ? redirect(to) : good(text); });
  const auto port = [](const Site& at) { return at.server.address().substr(10); };
  const auto led_to = [&](const std::string& url, std::vector<std::string> hosts = {}) {
    auto request = site.request();
    request.hosts = std::move(hosts);
    to = url;
    const auto answer = site.get(request);
    return answer.status == 200 ? answer.host : answer.problem;
  };
  const char* const forbidden = "redirected to a host or port that is not among those named";
  const auto other = cat("https://localhost:", port(second), "/x");
  CHECK(led_to("/x") == "127.0.0.1");
  CHECK(led_to(cat("https://127.0.0.1:", port(site), "/x")) == "127.0.0.1");
  CHECK(led_to(cat("https://0x7f.1:", port(site), "/x")) == "127.0.0.1");  // as curl reads it
  CHECK(led_to(other) == forbidden);
  CHECK(led_to(other, {"localhost"}) == forbidden);  // at another port
  CHECK(led_to(other, {cat("LocalHost:", port(second))}) == "localhost");
  CHECK(led_to(cat("https://LOCALHOST:", port(second), "/x"), {cat("localhost:", port(second))}) ==
        "localhost");
  CHECK(led_to(cat("https://localhost:", port(site), "/x"), {"localhost"}) ==
        "the certificate is not for this host");
  CHECK(led_to(cat("https://127.0.0.1:", port(second), "/x")) == forbidden);
  CHECK(led_to("https://example.com/") == forbidden);
  CHECK(led_to("https://localhost.example.com/", {"localhost"}) == forbidden);
  CHECK(led_to("http://127.0.0.1/") == "redirected, but the URL is not https");
  CHECK(led_to("file:///etc/passwd") == "redirected, but the URL is not https");
  CHECK(led_to("gopher://127.0.0.1:6379/x") == "redirected, but the URL is not https");
  CHECK(led_to(cat("https://a@127.0.0.1:", port(site), "/x")) ==
        "redirected, but the URL names a user");
  CHECK(led_to("https://127.0.0.1:99999/") == "redirected, but the URL cannot be read");
  CHECK(led_to("https://[::1/") == "redirected, but the URL cannot be read");
  CHECK(second.server.accepted() == 1);
}

TEST_CASE("only https is asked, and nobody's name is in the URL") {
  Site site(good);
  auto request = site.request();
  request.url = "http://" + site.server.address();
  CHECK(site.get(request).problem == "the URL is not https");
  request.url = "https://user:secret@" + site.server.address();
  CHECK(site.get(request).problem == "the URL names a user");
  request.url = "https://";
  CHECK(site.get(request).problem == "the URL cannot be read");
  CHECK(site.server.accepted() == 0);
}

TEST_CASE("a server that drips, or says nothing, is waited for no longer than the time") {
  Site drips([](const std::string&) {
    return Reply{document("200 OK", std::string(1000, 'x')), milliseconds(20)};
  });
  Site silent([](const std::string&) { return Reply{"", {}, Reply::Then::wait}; });
  Site goes_round([](const std::string&) {
    std::this_thread::sleep_for(milliseconds(120));
    return redirect("/");
  });
  for (Site* site : {&drips, &silent, &goes_round}) {
    auto request = site->request();
    request.total_time = milliseconds(300);
    const auto start = Clock::now();
    const auto answer = site->get(request);
    CHECK(answer.status == 0);
    CHECK(answer.problem == "no whole answer in time");
    CHECK(!answer.was_answered);
    CHECK(since(start) >= milliseconds(290));
    CHECK(since(start) < seconds(2));
  }
}

TEST_CASE("a server that is not there, and one that goes away, are problems") {
  Site site([](const std::string& text) {
    return Reply{path_of(text) == "/half" ? document("200 OK", "whole").substr(0, 40) : "",
                 {},
                 Reply::Then::close};
  });
  const auto half = site.get("/half");
  CHECK(half.status == 0);
  CHECK(half.body == "");
  CHECK(half.problem != "");
  CHECK(site.get("/").problem != "");
  site.server.stop();
  CHECK(site.get().problem == "cannot be connected to: Connection refused");
}

TEST_CASE("who has not the right certificate gets no question") {
  Site site(good);
  auto request = site.request();
  const tests::Authority other;
  request.tls_ca = other.file();
  CHECK(site.get(request).problem.starts_with("the certificate is not valid: "));
  request.tls_ca = "";
  CHECK(site.get(request).problem ==
        "the certificate is not valid: unable to get local issuer certificate");
  request.tls_ca = "/nowhere";
  CHECK(site.get(request).problem == "the file of authorities cannot be read");
  Site named(good, "rdap.example.com");
  CHECK(named.get().problem == "the certificate is not for this host");
  CHECK(site.server.asked() + named.server.asked() == 0);
  CHECK(site.get().status == 200);
}

TEST_CASE("TLS older than 1.2, and no TLS, are refused") {
  Site site(good);
  SSL_CTX_set_security_level(site.context.get(), 0);
  SSL_CTX_set_max_proto_version(site.context.get(), TLS1_1_VERSION);
  CHECK(site.get().problem == "SSL connect error");
  SSL_CTX_set_max_proto_version(site.context.get(), TLS1_2_VERSION);
  CHECK(site.get().status == 200);
  tests::Server plain([](const std::string&) { return Reply{}; }, nullptr);
  auto request = site.request();
  request.url = "https://" + plain.address();
  request.total_time = milliseconds(300);
  CHECK(site.get(request).problem != "");
}

TEST_CASE("other answers have a status and no body, however long theirs is") {
  for (const int status : {204, 400, 404, 500, 503}) {
    Site site([&](const std::string&) {
      return Reply{document(cat(status, " x"), status == 204 ? "" : "{}")};
    });
    const auto answer = site.get();
    CHECK(answer.status == status);
    CHECK(answer.body == "");
    CHECK(answer.problem == "");
  }
  Site site([](const std::string&) {
    return Reply{document("429 x", std::string(1 << 20, 'x'), "Retry-After: 60\r\n")};
  });
  const auto answer = site.get();
  CHECK(answer.status == 429);
  CHECK(answer.problem == "");
  CHECK(answer.retry_after == seconds(60));
}

TEST_CASE("how long to leave a server alone is a number of seconds or a date, at most a day") {
  std::string value;
  Site site([&](const std::string&) {
    return Reply{document("429 x", "", cat("Retry-After: ", value, "\r\n"))};
  });
  const auto retry_after = [&](const std::string& text) {
    value = text;
    const auto answer = site.get();
    CHECK(answer.status == 429);
    return answer.retry_after.value_or(seconds(0));
  };
  const auto date_in = [](int time) {
    char text[64];
    const std::time_t then = std::time(nullptr) + time;
    return std::string(
        text, std::strftime(text, sizeof text, "%a, %d %b %Y %H:%M:%S GMT", std::gmtime(&then)));
  };
  CHECK(retry_after("120") == seconds(120));
  CHECK(retry_after("86401") == seconds(86400));
  CHECK(retry_after("999999999999999999999999") <= seconds(86400));
  CHECK(retry_after("0") == seconds(0));
  CHECK(retry_after("-5") == seconds(0));
  CHECK(retry_after("soon") == seconds(0));
  const auto dated = retry_after(date_in(300));
  CHECK(dated >= seconds(295));
  CHECK(dated <= seconds(300));
  CHECK(retry_after(date_in(10 * 86400)) == seconds(86400));
  CHECK(retry_after(date_in(-300)) == seconds(0));
}

TEST_CASE("what is no HTTP is a problem without the server's bytes") {
  for (const char* bytes : {"\x1b[31mred\r\n\r\n", "HTTP/9.9 200 OK\r\n\r\n", "SSH-2.0-x\r\n"}) {
    Site site([&](const std::string&) { return Reply{bytes, {}, Reply::Then::close}; });
    const auto answer = site.get();
    CHECK(answer.status == 0);
    CHECK(answer.problem != "");
    CHECK(base::printable(answer.problem) == answer.problem);
    CHECK(answer.problem.find("red") == std::string::npos);
  }
}

TEST_CASE("a name that is not resolved in time holds up neither a request nor the end") {
  Site site(good);
  auto request = site.request();
  request.url = "https://stuck.test/";
  request.connect_time = milliseconds(200);
  const auto start = Clock::now();
  CHECK(site.get(request).problem == "not connected in time");
  CHECK(since(start) < seconds(2));
  HttpAnswer answer;
  loop::spawn(keep(site.http.get(request), answer));
  site.run(pause(&site.loop, milliseconds(50)));
  site.http.stop();
  CHECK(answer.problem == "no more requests are made");
  CHECK(since(start) < seconds(2));
}

TEST_CASE("many ask at once; beyond the limit a request fails at once") {
  Site site([](const std::string& text) {
    std::this_thread::sleep_for(milliseconds(30));
    return good(text);
  });
  std::vector<HttpAnswer> answers;
  auto request = site.request();
  request.connect_time = request.total_time = seconds(20);
  const auto all = [&]() -> loop::Task<void> {
    loop::Group<HttpAnswer> group;
    for (std::size_t i = 0; i <= Http::most_requests; i++) group.add(site.http.get(request));
    auto results = group.results();
    answers = co_await results;
  };
  site.run(all());
  CHECK(answers.back().problem == "too many requests at the same time");
  answers.pop_back();
  for (const auto& answer : answers) CHECK(answer.status == 200);
}

TEST_CASE("stop ends what is under way, kept connections too, and what is still to come") {
  Site site([](const std::string& text) {
    return path_of(text) == "/wait" ? Reply{"HTTP/1.1 200", {}, Reply::Then::wait} : good(text);
  });
  CHECK(site.get().status == 200);
  std::vector<HttpAnswer> answers(5);
  for (auto& answer : answers) loop::spawn(keep(site.http.get(site.request("/wait")), answer));
  site.run(pause(&site.loop, milliseconds(100)));
  CHECK(loop::roots() == 5);
  const auto start = Clock::now();
  site.http.stop();
  CHECK(since(start) < seconds(2));
  CHECK(loop::roots() == 0);
  for (const auto& answer : answers) CHECK(answer.problem == "no more requests are made");
  CHECK(site.get().problem == "no more requests are made");
}

TEST_CASE("stop in the middle of connecting, and from one who goes on, and a destructor") {
  Site site(good);
  auto http = std::make_unique<Http>(&site.loop);
  HttpAnswer first, second;
  const auto ask_and_end = [&]() -> loop::Task<void> {
    auto asked = http->get(site.request());
    first = co_await asked;
    http.reset();
  };
  loop::spawn(ask_and_end());
  loop::spawn(keep(http->get(site.request()), second));
  while (loop::roots() > 0) uv_run(&site.loop, UV_RUN_ONCE);
  CHECK(first.status == 200);
  CHECK((second.status == 200 || second.problem == "no more requests are made"));

  HttpAnswer third;
  {
    Http other(&site.loop);
    loop::spawn(keep(other.get(site.request()), third));
  }
  CHECK(third.problem == "no more requests are made");
}
