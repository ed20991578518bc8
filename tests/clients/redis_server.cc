// See redis_server.h.
// SPDX-License-Identifier: MIT

#include "tests/clients/redis_server.h"

#include <arpa/inet.h>
#include <doctest/doctest.h>
#include <hiredis/hiredis.h>
#include <algorithm>

#include "cached/base/text.h"

namespace tests {

using base::cat;

std::string bulk(const std::string& text) { return cat("$", text.size(), "\r\n", text, "\r\n"); }

std::string list(const Words& words) {
  std::string out = cat("*", words.size(), "\r\n");
  for (const auto& word : words) out += bulk(word);
  return out;
}

struct RedisServer::Connection {
  RedisServer& server;
  uv_tcp_t handle{};
  redisReader* reader = redisReaderCreate();
  char room[65536]{};
  ~Connection() { redisReaderFree(reader); }

  void send(std::string text) {
    struct Write {
      std::string text;
      uv_write_t request{};
    };
    auto* const write = new Write{std::move(text)};
    write->request.data = write;
    auto out = uv_buf_init(write->text.data(), static_cast<unsigned>(write->text.size()));
    uv_write(&write->request, reinterpret_cast<uv_stream_t*>(&handle), &out, 1,
             [](uv_write_t* done, int) { delete static_cast<Write*>(done->data); });
  }

  void close() {
    if (server.open_.erase(this) == 0) return;
    uv_close(reinterpret_cast<uv_handle_t*>(&handle),
             [](uv_handle_t* closed) { delete static_cast<Connection*>(closed->data); });
  }

  void received(std::size_t size) {
    redisReaderFeed(reader, room, size);
    void* made = nullptr;
    while (redisReaderGetReply(reader, &made) == REDIS_OK && made) {
      const auto* const command = static_cast<redisReply*>(made);
      Words words;
      for (std::size_t i = 0; i < command->elements; i++)
        words.emplace_back(command->element[i]->str, command->element[i]->len);
      freeReplyObject(made);
      server.heard.push_back(words);
      const std::string answer = server.behaviour(words);
      if (!answer.empty()) send(answer);
    }
  }
};

RedisServer::RedisServer(uv_loop_t* loop) : loop_(loop) { listen(); }

RedisServer::~RedisServer() { leave(); }

std::string RedisServer::obliging(const Words& words) {
  return words[0] == "PING" ? "+PONG\r\n" : "+OK\r\n";
}

void RedisServer::listen() {
  listener_ = new uv_tcp_t;
  uv_tcp_init(loop_, listener_);
  listener_->data = this;
  sockaddr_in place{};
  uv_ip4_addr("127.0.0.1", port_, &place);
  auto* const address = reinterpret_cast<sockaddr*>(&place);
  REQUIRE(uv_tcp_bind(listener_, address, 0) == 0);
  const auto connected = [](uv_stream_t* stream, int) {
    static_cast<RedisServer*>(stream->data)->accept();
  };
  REQUIRE(uv_listen(reinterpret_cast<uv_stream_t*>(listener_), 8, connected) == 0);
  int size = sizeof place;
  REQUIRE(uv_tcp_getsockname(listener_, address, &size) == 0);
  port_ = ntohs(place.sin_port);
  uv_unref(reinterpret_cast<uv_handle_t*>(listener_));
}

void RedisServer::accept() {
  auto* const connection = new Connection{*this};
  auto* const stream = reinterpret_cast<uv_stream_t*>(&connection->handle);
  uv_tcp_init(loop_, &connection->handle);
  connection->handle.data = connection;
  REQUIRE(uv_accept(reinterpret_cast<uv_stream_t*>(listener_), stream) == 0);
  uv_unref(reinterpret_cast<uv_handle_t*>(stream));
  open_.insert(connection);
  connections++;
  if (!greeting.empty()) connection->send(greeting);
  const auto room = [](uv_handle_t* handle, std::size_t, uv_buf_t* out) {
    auto& self = *static_cast<Connection*>(handle->data);
    *out = uv_buf_init(self.room, sizeof self.room);
  };
  const auto read = [](uv_stream_t* handle, ssize_t count, const uv_buf_t*) {
    auto& self = *static_cast<Connection*>(handle->data);
    if (count < 0) return self.close();
    self.received(static_cast<std::size_t>(count));
  };
  uv_read_start(stream, room, read);
}

int RedisServer::count(const std::string& verb) const {
  return static_cast<int>(std::count_if(heard.begin(), heard.end(),
                                        [&](const Words& each) { return each[0] == verb; }));
}

void RedisServer::close_all() {
  while (!open_.empty()) (*open_.begin())->close();
}

void RedisServer::leave() {
  close_all();
  if (!listener_) return;
  uv_close(reinterpret_cast<uv_handle_t*>(std::exchange(listener_, nullptr)),
           [](uv_handle_t* closed) { delete reinterpret_cast<uv_tcp_t*>(closed); });
}

decltype(config::Options::redis) RedisServer::options() const {
  auto options = config::default_options().redis;
  options.server = cat("127.0.0.1:", port_);
  options.query_time = std::chrono::milliseconds(200);
  options.connect_time = std::chrono::milliseconds(500);
  return options;
}

}  // namespace tests
