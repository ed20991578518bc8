// See ares.h. c-ares closes its sockets as soon as nothing is being asked, and then nothing here
// keeps the loop.
// SPDX-License-Identifier: MIT

#include "cached/clients/ares.h"

#include <arpa/nameser.h>
#include <algorithm>
#include <vector>

namespace clients {

constexpr int datagram_size = 1232;  // EDNS (RFC 6891), as the DNS flag day of 2020 has it

Ares::Ares(uv_loop_t* loop, Listener& listener)
    : loop_(loop), listener_(listener), timer_(loop::new_timer(loop)) {
  timer_->data = this;
}

base::Result<std::unique_ptr<Ares>> Ares::open(uv_loop_t* loop,
                                               const decltype(config::Options::dns)& options,
                                               std::size_t first, Listener& listener) {
  std::unique_ptr<Ares> ares(new Ares(loop, listener));
  ares_options values{};
  values.flags = ARES_FLAG_EDNS;
  values.ednspsz = datagram_size;
  values.timeout = static_cast<int>(options.timeout.count());
  values.tries = static_cast<int>(options.tries);
  values.sock_state_cb_data = ares.get();
  values.sock_state_cb = [](void* data, ares_socket_t socket, int readable, int writable) {
    static_cast<Ares*>(data)->watch(socket, readable, writable);
  };
  ares_channel channel = nullptr;
  const int opened =
      ares_init_options(&channel, &values,
                        ARES_OPT_FLAGS | ARES_OPT_EDNSPSZ | ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES |
                            ARES_OPT_SOCK_STATE_CB | ARES_OPT_NOROTATE);
  if (opened != ARES_SUCCESS) return base::Error{ares_strerror(opened)};
  ares->channel_.reset(channel);
  const auto set = ares->set_servers(options.servers, first);
  if (!set) return set.error();
  return ares;
}

base::Status Ares::set_servers(const config::Words& servers, std::size_t first) {
  std::string list;
  for (const auto& server : servers) list += server + ",";
  if (!list.empty() && ares_set_servers_ports_csv(channel_.get(), list.c_str()) != ARES_SUCCESS)
    return base::Error{"[dns] servers cannot be used"};
  ares_addr_port_node* known = nullptr;
  if (first == 0 || ares_get_servers_ports(channel_.get(), &known) != ARES_SUCCESS)
    return base::Done{};
  std::vector<ares_addr_port_node> nodes;
  for (const auto* node = known; node; node = node->next) nodes.push_back(*node);
  ares_free_data(known);
  if (nodes.empty()) return base::Done{};
  const auto middle = nodes.begin() + static_cast<std::ptrdiff_t>(first % nodes.size());
  std::rotate(nodes.begin(), middle, nodes.end());
  for (std::size_t i = 1; i < nodes.size(); i++) nodes[i - 1].next = &nodes[i];
  nodes.back().next = nullptr;
  ares_set_servers_ports(channel_.get(), nodes.data());
  return base::Done{};
}

void Ares::ask(const std::string& name, int type, ares_callback ended, void* data) {
  asked_++;
  ares_query(channel_.get(), name.c_str(), ns_c_in, type, ended, data);
  set_timer();
}

void Ares::find_host(const std::string& host, ares_addrinfo_callback ended, void* data) {
  ares_addrinfo_hints hints{};
  hints.ai_socktype = SOCK_STREAM;
  // Also where /etc/hosts does not have it (RFC 6761, 6.3).
  const char* name = host == "localhost" ? "127.0.0.1" : host.c_str();
  ares_getaddrinfo(channel_.get(), name, nullptr, &hints, ended, data);
  set_timer();
}

bool Ares::is_idle() const {
  timeval unused;
  return !processing_ && !ares_timeout(channel_.get(), nullptr, &unused);
}

void Ares::cancel() {
  ares_cancel(channel_.get());
  set_timer();
}

void Ares::process(int readable, int writable) {
  processing_ = true;
  ares_process_fd(channel_.get(), readable, writable);
  listener_.processed();
  set_timer();
  processing_ = false;
}

void Ares::set_timer() {
  timeval rest;
  if (!ares_timeout(channel_.get(), nullptr, &rest)) {
    uv_timer_stop(timer_.get());
    return;
  }
  const auto expire = [](uv_timer_t* timer) {
    static_cast<Ares*>(timer->data)->process(ARES_SOCKET_BAD, ARES_SOCKET_BAD);
  };
  const auto time = rest.tv_sec * 1000 + rest.tv_usec / 1000 + 1;
  uv_timer_start(timer_.get(), expire, static_cast<std::uint64_t>(time), 0);
}

void Ares::watch(int socket, bool readable, bool writable) {
  if (!readable && !writable) {  // it is about to be closed
    polls_.erase(socket);
    return;
  }
  const auto ready = [](void* data, int descriptor, bool can_read, bool can_write) {
    static_cast<Ares*>(data)->process(can_read ? descriptor : ARES_SOCKET_BAD,
                                      can_write ? descriptor : ARES_SOCKET_BAD);
  };
  const auto poll = polls_.try_emplace(socket, loop_, socket, this, ready).first;
  poll->second.watch(readable, writable);
}

}  // namespace clients
