// A channel of c-ares on the loop: its sockets and its timer. Only dns.cc, and redis.cc for
// the addresses of a host, have to do with it.
// SPDX-License-Identifier: MIT

#pragma once

#include <ares.h>
#include <uv.h>
#include <memory>
#include <string>
#include <unordered_map>

#include "cached/base/result.h"
#include "cached/config/options.h"
#include "cached/loop/handle.h"
#include "cached/loop/poll.h"

namespace clients {

class Ares {
 public:
  struct Listener {
    virtual void processed() = 0;  // questions may have ended; may ask new ones

   protected:
    ~Listener() = default;
  };

  // Asks the configured servers, or those of resolv.conf. `first` is the place of the one to be
  // asked first; the others follow in their order, and then those before it.
  static base::Result<std::unique_ptr<Ares>> open(uv_loop_t* loop,
                                                  const decltype(config::Options::dns)& options,
                                                  std::size_t first, Listener& listener);
  Ares(const Ares&) = delete;
  Ares& operator=(const Ares&) = delete;

  // `ended` is called once, perhaps at once, with `data`. It must not ask.
  void ask(const std::string& name, int type, ares_callback ended, void* data);

  // The addresses of a host: by /etc/hosts and the DNS, with the domains of resolv.conf. `ended` is
  // called as above.
  void find_host(const std::string& host, ares_addrinfo_callback ended, void* data);

  int asked() const { return asked_; }  // so far
  bool is_idle() const;

  void cancel();  // ends what is being asked

 private:
  Ares(uv_loop_t* loop, Listener& listener);

  void process(int readable, int writable);
  void set_timer();
  void watch(int socket, bool readable, bool writable);
  base::Status set_servers(const config::Words& servers, std::size_t first);

  struct Destroy {
    void operator()(ares_channel channel) const { ares_destroy(channel); }
  };

  uv_loop_t* const loop_;
  Listener& listener_;
  const loop::Handle<uv_timer_t> timer_;
  std::unordered_map<int, loop::Poll> polls_;
  std::unique_ptr<ares_channeldata, Destroy> channel_;  // behind what it uses
  int asked_ = 0;
  bool processing_ = false;
};

}  // namespace clients
