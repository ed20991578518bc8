// See control.h.
// SPDX-License-Identifier: MIT

#include "cached/server/control.h"

#include <unistd.h>
#include <chrono>

#include "cached/base/text.h"
#include "common/wire.h"

namespace server {

using base::cat;
using loop::Pipe;
using loop::Task;

namespace {

constexpr std::size_t most_connections = 16;
constexpr std::chrono::seconds time_to_ask{10};
constexpr std::chrono::seconds time_to_take{30};  // the answer
constexpr std::chrono::milliseconds last_call{50};

bool is_allowed(const Peer& peer) {
  return peer.known && (peer.credentials.uid == 0 || peer.credentials.uid == geteuid());
}

}  // namespace

base::Result<Arguments> parse_words(char* line, std::size_t size) {
  wire::Reader reader(line, size);
  if (!reader.version_matches()) return base::Error{"the line does not begin with checkpass/1"};
  Arguments words;
  wire::Field field;
  wire::Reader::Got got;
  while ((got = reader.next(field)) == wire::Reader::Got::field && field.name.is("word"))
    words.emplace_back(field.value.data, field.value.size);
  if (got != wire::Reader::Got::end || words.empty())
    return base::Error{"the line must have words and nothing else"};
  return words;
}

std::string answer_text(const Reply& reply) {
  const std::string status = std::to_string(reply.status);
  char line[64];
  wire::Writer writer(line, sizeof line);
  writer.begin();
  writer.add("status", status.c_str());
  const std::size_t size = writer.line();
  return std::string(line, size) + reply.text;
}

Control::Control(uv_loop_t* loop, std::vector<Command> commands)
    : commands_(std::move(commands)),
      listener_(loop, [this](std::unique_ptr<Pipe> pipe) { admit(std::move(pipe)); }) {}

void Control::stop() {
  listener_.close();
  for (Pipe* pipe : connections_) pipe->hurry(last_call);
}

// Who is not served sees the connection closed, and the log says why.
void Control::admit(std::unique_ptr<Pipe> pipe) {
  const Peer peer = peer_of(*pipe);
  if (!is_allowed(peer))
    refused_.warning(cat("[server] control: refused ", name_of(peer)));
  else if (connections_.size() >= most_connections)
    refused_.warning("[server] control: too many connections, one more was refused");
  else
    loop::spawn(serve(std::move(pipe)));
}

Task<void> Control::serve(std::unique_ptr<Pipe> pipe) {
  connections_.insert(pipe.get());
  const Pipe::Line line = co_await pipe->next_line(Pipe::capacity, time_to_ask);
  if (line.event == Pipe::Event::line) {
    auto words = parse_words(line.data, line.size);
    Reply reply{1, words ? "" : cat(words.error().text, "\n")};
    if (words) {
      Task<Reply> running = carry_out(*std::move(words));
      reply = co_await running;
    }
    const std::string answer = answer_text(reply);
    co_await pipe->write(answer, time_to_take);
  }
  connections_.erase(pipe.get());
}

Task<Reply> Control::carry_out(Arguments words) {
  for (const Command& command : commands_) {
    if (words.front() != command.word) continue;
    words.erase(words.begin());
    Task<Reply> running = command.run(std::move(words));
    const Reply reply = co_await running;
    co_return reply;
  }
  co_return Reply{1, cat("no such command: ", base::printable(words.front()), "\n")};
}

}  // namespace server
