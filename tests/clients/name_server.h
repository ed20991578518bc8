// A name server on loopback for tests, on the test's own loop: it answers as it was told, well or
// badly, and counts the questions.
// SPDX-License-Identifier: MIT

#pragma once

#include <uv.h>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "cached/config/options.h"
#include "cached/loop/handle.h"

namespace tests {

enum Type : int { a = 1, cname = 5, soa = 6, ptr = 12, txt = 16, aaaa = 28 };
enum Code : int { no_error = 0, server_failure = 2, no_name = 3, refused = 5 };

struct DnsRecord {
  std::string owner;
  Type type;
  std::string value;  // a name, an address or a text
  unsigned ttl = 300;
};

struct Reply {
  std::vector<DnsRecord> answers;
  int code = no_error;
  unsigned negative_ttl = 0;  // of a SOA in the authority section; 0: there is none
  std::chrono::milliseconds delay{0};
  enum class Kind {
    good,
    silent,
    wrong_id,
    garbage,
    empty,
    cut_short,
    truncated
  } kind = Kind::good;
};

// A message as it goes over the wire, with the question in front.
std::string message_of(int id, std::string_view name, int type, const Reply& reply);

class NameServer {
 public:
  explicit NameServer(uv_loop_t* loop);
  ~NameServer();

  std::string address() const;                     // 127.0.0.1:PORT
  decltype(config::Options::dns) options() const;  // to ask this one, with short times

  // What to say about a name (in lower case, without the final dot). Of others: there is no such
  // name.
  void set(const std::string& name, Type type, Reply reply) { replies_[{name, type}] = reply; }
  void add(const std::string& name, Type type, const std::string& value, unsigned ttl = 300) {
    replies_[{name, type}].answers.push_back({name, type, value, ttl});
  }
  void forget(const std::string& name, Type type) { replies_.erase({name, type}); }
  void set_all(Reply reply) { of_others_ = std::move(reply); }
  void ignore_all(bool silent) { silent_ = silent; }

  int asked() const { return asked_; }
  int asked(const std::string& name) const;
  int asked_by_tcp() const { return asked_by_tcp_; }

 private:
  struct Late;
  struct Connection;
  bool bind();
  void accept();
  static void room(uv_handle_t* handle, std::size_t, uv_buf_t* out);
  // The answer, and after how long; empty: there is none.
  std::string answer(std::string_view question, bool by_tcp, std::chrono::milliseconds& delay);
  void received(std::string_view question, const sockaddr* from);
  void send(const std::string& bytes, const sockaddr* to);

  uv_loop_t* const loop_;
  loop::Handle<uv_udp_t> udp_;
  loop::Handle<uv_tcp_t> tcp_;
  int port_ = 0;
  std::map<std::pair<std::string, int>, Reply> replies_;
  Reply of_others_{{}, no_name, 0, {}, {}};
  bool silent_ = false;
  int asked_ = 0;
  int asked_by_tcp_ = 0;
  std::map<std::string, int> asked_for_;
  char buffer_[65536];
  std::vector<std::shared_ptr<Late>> late_;
};

}  // namespace tests
