// Connections over a real socket pair: lines, limits, timeouts, wiping.
// SPDX-License-Identifier: MIT

#include "cached/loop/pipe.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include <string>

#include "tests/loop/test_loop.h"

namespace {

using loop::Pipe;
using loop::Task;
using std::chrono::milliseconds;
using tests::TestLoop;
using Event = Pipe::Event;

// A listening abstract socket on a loop, one connection to it, and its accepted end.
struct Connected : TestLoop {
  loop::Handle<uv_pipe_t> listener{new uv_pipe_t};
  std::unique_ptr<Pipe> pipe;
  int client = -1;

  Connected() {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    const int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    // Only a family: Linux picks an abstract name (autobind).
    REQUIRE(bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof(sa_family_t)) == 0);
    socklen_t size = sizeof address;
    REQUIRE(getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) == 0);
    uv_pipe_init(&loop, listener.get(), 0);
    listener->data = this;
    REQUIRE(uv_pipe_open(listener.get(), fd) == 0);
    const auto arrived = [](uv_stream_t* stream, int) {
      auto& self = *static_cast<Connected*>(stream->data);
      self.pipe = std::make_unique<Pipe>(&self.loop);
      CHECK(self.pipe->accept(stream));
      self.listener.reset();
    };
    REQUIRE(uv_listen(reinterpret_cast<uv_stream_t*>(listener.get()), 8, arrived) == 0);
    client = socket(AF_UNIX, SOCK_STREAM, 0);
    REQUIRE(connect(client, reinterpret_cast<sockaddr*>(&address), size) == 0);
    uv_run(&loop, UV_RUN_DEFAULT);
    REQUIRE(pipe);
  }
  ~Connected() {
    pipe.reset();
    if (client >= 0) close(client);
  }

  void send(const std::string& bytes) {
    REQUIRE(write(client, bytes.data(), bytes.size()) == static_cast<ssize_t>(bytes.size()));
  }
  void hang_up() {
    close(client);
    client = -1;
  }
};

// The text of the next line, or the name of what happened instead.
Task<std::string> next(Pipe& pipe, std::size_t limit = 100,
                       milliseconds time = milliseconds(5000)) {
  const Pipe::Line line = co_await pipe.next_line(limit, time);
  switch (line.event) {
    case Event::line:
      co_return std::string(line.data, line.size);
    case Event::closed:
      co_return "(closed)";
    case Event::timeout:
      co_return "(timeout)";
    case Event::too_long:
      co_return "(too long)";
  }
  co_return "";
}

}  // namespace

TEST_CASE("lines come one by one, in order, however they were sent") {
  Connected test;
  test.send("one\ntwo\nthr");
  CHECK(test.result_of(next(*test.pipe)) == "one");
  CHECK(test.result_of(next(*test.pipe)) == "two");
  test.send("ee\n");
  CHECK(test.result_of(next(*test.pipe)) == "three");
}

TEST_CASE("lines sent before hanging up are still read") {
  Connected test;
  test.send("last\n");
  test.hang_up();
  CHECK(test.result_of(next(*test.pipe)) == "last");
  CHECK(test.result_of(next(*test.pipe)) == "(closed)");
}

TEST_CASE("half a line and then nothing is a timeout") {
  Connected test;
  test.send("half");
  CHECK(test.result_of(next(*test.pipe, 100, milliseconds(20))) == "(timeout)");
}

TEST_CASE("a line of the limit is read and a longer one is told") {
  Connected exact;
  exact.send(std::string(99, 'x') + "\n");
  CHECK(exact.result_of(next(*exact.pipe)).size() == 99);
  Connected longer;
  longer.send(std::string(100, 'x') + "\n");
  CHECK(longer.result_of(next(*longer.pipe)) == "(too long)");
  Connected endless;
  endless.send(std::string(100, 'x'));
  CHECK(endless.result_of(next(*endless.pipe)) == "(too long)");
}

TEST_CASE("more than a buffer of lines is read piece by piece") {
  Connected test;
  std::string many;
  for (int i = 0; i < 3000; i++) many += std::to_string(1000000 + i) + "\n";
  test.send(many);
  for (int i = 0; i < 3000; i++) {
    const auto line = test.result_of(next(*test.pipe));
    CHECK(line == std::to_string(1000000 + i));
    if (line.starts_with('(')) break;
  }
}

TEST_CASE("a connection that is told to hurry waits no longer than that") {
  Connected test;
  test.pipe->hurry(milliseconds(1));
  const auto start = uv_hrtime();
  CHECK(test.result_of(next(*test.pipe, 100, milliseconds(60000))) == "(timeout)");
  CHECK(uv_hrtime() - start < 30'000'000'000u);
}

TEST_CASE("a wait that is over before the loop comes to it ends all the same") {
  Connected test;
  auto task = next(*test.pipe, 100, milliseconds(5));
  std::optional<std::string> line;
  loop::spawn(TestLoop::keep(std::move(task), line));
  usleep(20'000);
  while (!line) uv_run(&test.loop, UV_RUN_ONCE);
  CHECK(line == "(timeout)");
}

TEST_CASE("what is written arrives whole, also when the peer reads late") {
  Connected test;
  const std::string large(1 << 20, 'y');
  std::string received;
  fcntl(test.client, F_SETFL, O_NONBLOCK);
  uv_poll_t reader;
  uv_poll_init(&test.loop, &reader, test.client);
  reader.data = &received;
  const auto readable = [](uv_poll_t* poll, int, int) {
    char buffer[65536];
    uv_os_fd_t fd;
    uv_fileno(reinterpret_cast<uv_handle_t*>(poll), &fd);
    const ssize_t got = read(fd, buffer, sizeof buffer);
    auto& text = *static_cast<std::string*>(poll->data);
    if (got > 0) text.append(buffer, static_cast<std::size_t>(got));
    if (text.size() == 1 << 20) uv_close(reinterpret_cast<uv_handle_t*>(poll), nullptr);
  };
  uv_poll_start(&reader, UV_READABLE, readable);
  CHECK(test.result_of(test.pipe->write(large, milliseconds(60000))));
  while (received.size() < large.size()) uv_run(&test.loop, UV_RUN_ONCE);
  const bool same = received == large;
  CHECK(same);
}

TEST_CASE("a peer that does not read is given up in time") {
  Connected test;
  const std::string large(8 << 20, 'y');
  CHECK(!test.result_of(test.pipe->write(large, milliseconds(20))));
  CHECK(test.result_of(next(*test.pipe)) == "(closed)");
  CHECK(!test.result_of(test.pipe->write("more", milliseconds(20))));
}
