// See name_server.h.
// SPDX-License-Identifier: MIT

#include "tests/clients/name_server.h"

#include <arpa/inet.h>
#include <doctest/doctest.h>

#include "cached/base/text.h"

namespace tests {
namespace {

using Kind = Reply::Kind;

std::string number(unsigned value, int bytes) {
  std::string out;
  while (bytes-- > 0) out += static_cast<char>(value >> (8 * bytes));
  return out;
}

// A dot that is part of a label is written \. here.
std::string wire_name(std::string_view name) {
  std::string out, label;
  for (std::size_t i = 0; i <= name.size(); i++) {
    if (i < name.size() && name[i] == '\\') {
      label += name[++i];
    } else if (i < name.size() && name[i] != '.') {
      label += name[i];
    } else if (!label.empty()) {
      out += static_cast<char>(label.size()) + label;
      label.clear();
    }
  }
  return out + '\0';
}

std::string data_of(const DnsRecord& record) {
  char address[16];
  switch (record.type) {
    case a:
      REQUIRE(inet_pton(AF_INET, record.value.c_str(), address) == 1);
      return {address, 4};
    case aaaa:
      REQUIRE(inet_pton(AF_INET6, record.value.c_str(), address) == 1);
      return {address, 16};
    case txt: {  // two strings
      const std::string first = record.value.substr(0, 3), rest = record.value.substr(3);
      return number(static_cast<unsigned>(first.size()), 1) + first +
             number(static_cast<unsigned>(rest.size()), 1) + rest;
    }
    case soa:
      return wire_name("ns") + wire_name("mail") + number(1, 4) + number(2, 4) + number(3, 4) +
             number(4, 4) + number(record.ttl, 4);
    default:
      return wire_name(record.value);
  }
}

std::string wire_record(const DnsRecord& record) {
  const std::string data = data_of(record);
  return wire_name(record.owner) + number(static_cast<unsigned>(record.type), 2) + number(1, 2) +
         number(record.ttl, 4) + number(static_cast<unsigned>(data.size()), 2) + data;
}

}  // namespace

std::string message_of(int id, std::string_view name, int type, const Reply& reply) {
  const bool truncated = reply.kind == Kind::truncated;
  const unsigned flags =
      0x8580 | static_cast<unsigned>(reply.code) | (truncated ? 0x0200U : 0);  // QR AA RD RA
  const std::size_t count = truncated ? 0 : reply.answers.size();
  std::string out = number(static_cast<unsigned>(id), 2) + number(flags, 2) + number(1, 2) +
                    number(static_cast<unsigned>(count), 2) + number(reply.negative_ttl > 0, 2) +
                    number(0, 2);
  out += wire_name(name) + number(static_cast<unsigned>(type), 2) + number(1, 2);
  for (std::size_t i = 0; i < count; i++) out += wire_record(reply.answers[i]);
  if (reply.negative_ttl > 0) out += wire_record({"test", soa, "", reply.negative_ttl});
  return out;
}

// An answer that is to come later.
struct NameServer::Late {
  NameServer& server;
  loop::Handle<uv_timer_t> timer;
  std::string bytes;
  sockaddr_storage to{};
};

// One who asks by TCP: one question (RFC 7766, 8: its length in front).
struct NameServer::Connection {
  NameServer& server;
  uv_tcp_t handle{};
  uv_write_t request{};
  std::string received{}, sent{};
};

NameServer::NameServer(uv_loop_t* loop) : loop_(loop) {
  bool bound = false;
  for (int i = 0; i < 100 && !bound; i++) bound = bind();
  REQUIRE(bound);
  const auto got = [](uv_udp_t* handle, ssize_t count, const uv_buf_t* bytes, const sockaddr* from,
                      unsigned) {
    if (count > 0)
      static_cast<NameServer*>(handle->data)
          ->received({bytes->base, static_cast<std::size_t>(count)}, from);
  };
  REQUIRE(uv_udp_recv_start(udp_.get(), room, got) == 0);
  int size = 4 << 20;
  uv_recv_buffer_size(reinterpret_cast<uv_handle_t*>(udp_.get()), &size);
  uv_unref(reinterpret_cast<uv_handle_t*>(udp_.get()));
  uv_unref(reinterpret_cast<uv_handle_t*>(tcp_.get()));
}

// To the same port of both; false: somebody has that of TCP.
bool NameServer::bind() {
  udp_.reset(new uv_udp_t);
  tcp_.reset(new uv_tcp_t);
  uv_udp_init(loop_, udp_.get());
  uv_tcp_init(loop_, tcp_.get());
  udp_->data = tcp_->data = this;
  sockaddr_in place{};
  uv_ip4_addr("127.0.0.1", 0, &place);
  auto* address = reinterpret_cast<sockaddr*>(&place);
  int size = sizeof place;
  REQUIRE(uv_udp_bind(udp_.get(), address, 0) == 0);
  REQUIRE(uv_udp_getsockname(udp_.get(), address, &size) == 0);
  port_ = ntohs(place.sin_port);
  const auto connected = [](uv_stream_t* listener, int) {
    static_cast<NameServer*>(listener->data)->accept();
  };
  return uv_tcp_bind(tcp_.get(), address, 0) == 0 &&
         uv_listen(reinterpret_cast<uv_stream_t*>(tcp_.get()), 8, connected) == 0;
}

void NameServer::room(uv_handle_t* handle, std::size_t, uv_buf_t* out) {
  auto& server = *static_cast<NameServer*>(handle->data);
  *out = uv_buf_init(server.buffer_, sizeof server.buffer_);
}

void NameServer::accept() {
  auto* connection = new Connection{*this};
  auto* stream = reinterpret_cast<uv_stream_t*>(&connection->handle);
  uv_tcp_init(loop_, &connection->handle);
  connection->handle.data = connection;
  REQUIRE(uv_accept(reinterpret_cast<uv_stream_t*>(tcp_.get()), stream) == 0);
  const auto room_for = [](uv_handle_t* handle, std::size_t, uv_buf_t* out) {
    auto& server = static_cast<Connection*>(handle->data)->server;
    *out = uv_buf_init(server.buffer_, sizeof server.buffer_);
  };
  const auto read = [](uv_stream_t* handle, ssize_t count, const uv_buf_t* bytes) {
    auto& self = *static_cast<Connection*>(handle->data);
    if (count < 0) {
      const auto closed = [](uv_handle_t* gone) { delete static_cast<Connection*>(gone->data); };
      uv_close(reinterpret_cast<uv_handle_t*>(handle), closed);
      return;
    }
    self.received.append(bytes->base, static_cast<std::size_t>(count));
    if (self.received.size() < 14 || !self.sent.empty()) return;
    std::chrono::milliseconds delay{0};
    const auto answer = self.server.answer(self.received.substr(2), true, delay);
    self.sent = number(static_cast<unsigned>(answer.size()), 2) + answer;
    auto out = uv_buf_init(self.sent.data(), static_cast<unsigned>(self.sent.size()));
    uv_write(&self.request, handle, &out, 1, [](uv_write_t*, int) {});
  };
  uv_read_start(stream, room_for, read);
}

NameServer::~NameServer() = default;

std::string NameServer::address() const { return base::cat("127.0.0.1:", port_); }

decltype(config::Options::dns) NameServer::options() const {
  auto options = config::default_options().dns;
  options.servers = {address()};
  options.timeout = std::chrono::milliseconds(100);
  options.tries = 2;
  return options;
}

int NameServer::asked(const std::string& name) const {
  const auto found = asked_for_.find(name);
  return found == asked_for_.end() ? 0 : found->second;
}

std::string NameServer::answer(std::string_view question, bool by_tcp,
                               std::chrono::milliseconds& delay) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(question.at(i)); };
  std::string name;
  std::size_t at = 12;
  for (; byte(at) != 0; at += byte(at) + 1U)
    name += base::lower(question.substr(at + 1, byte(at))) + ".";
  if (!name.empty()) name.pop_back();
  const int id = byte(0) << 8 | byte(1), type = byte(at + 1) << 8 | byte(at + 2);
  asked_++;
  asked_by_tcp_ += by_tcp;
  asked_for_[name]++;
  const auto found = replies_.find({name, type});
  Reply reply = found == replies_.end() ? of_others_ : found->second;
  if (silent_) reply.kind = Kind::silent;
  if (by_tcp && reply.kind == Kind::truncated) reply.kind = Kind::good;
  delay = reply.delay;
  const auto bytes = message_of(id ^ (reply.kind == Kind::wrong_id), name, type, reply);
  switch (reply.kind) {
    case Kind::silent:
      return {};
    case Kind::garbage:  // of the right question
      return bytes.substr(0, at + 5) + std::string(400, '\xc1');
    case Kind::cut_short:
      return bytes.substr(0, bytes.size() - 3);
    case Kind::empty:
      return bytes.substr(0, 5);
    default:
      return bytes;
  }
}

void NameServer::send(const std::string& bytes, const sockaddr* to) {
  auto buffer = uv_buf_init(const_cast<char*>(bytes.data()), static_cast<unsigned>(bytes.size()));
  uv_udp_try_send(udp_.get(), &buffer, 1, to);
}

void NameServer::received(std::string_view question, const sockaddr* from) {
  std::chrono::milliseconds delay{0};
  std::string bytes = answer(question, false, delay);
  if (bytes.empty()) return;
  if (delay.count() == 0) return send(bytes, from);
  late_.emplace_back(new Late{*this, loop::new_timer(loop_), std::move(bytes)});
  Late& late = *late_.back();
  std::memcpy(&late.to, from, sizeof(sockaddr_in));
  late.timer->data = &late;
  const auto due = [](uv_timer_t* timer) {
    auto& self = *static_cast<Late*>(timer->data);
    self.server.send(self.bytes, reinterpret_cast<sockaddr*>(&self.to));
  };
  uv_timer_start(late.timer.get(), due, static_cast<std::uint64_t>(delay.count()), 0);
  uv_unref(reinterpret_cast<uv_handle_t*>(late.timer.get()));
}

}  // namespace tests
