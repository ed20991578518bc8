// See ldap_deadline.h. It is a layer of liblber's between the socket and TLS: each read and write
// first waits until the socket is ready, up to the deadline.
// SPDX-License-Identifier: MIT

#include "cached/stores/ldap_deadline.h"

#include <poll.h>
#include <algorithm>
#include <cerrno>

namespace stores {
namespace {

// Of one message. An account is a few hundred bytes.
constexpr ber_len_t longest_message = 1 << 20;

}  // namespace

Sockbuf_IO LdapDeadline::io_ = {
    [](Sockbuf_IO_Desc* layer, void* self) {
      layer->sbiod_pvt = self;
      return 0;
    },
    [](Sockbuf_IO_Desc*) { return 0; },
    [](Sockbuf_IO_Desc* layer, int option, void* argument) {
      return LBER_SBIOD_CTRL_NEXT(layer, option, argument);
    },
    read,
    write,
    [](Sockbuf_IO_Desc*) { return 0; },
};

bool LdapDeadline::attach(LDAP* handle) {
  callback_ = {connected, [](LDAP*, Sockbuf*, ldap_conncb*) {}, this};
  return ldap_set_option(handle, LDAP_OPT_CONNECT_CB, &callback_) == LDAP_OPT_SUCCESS;
}

void LdapDeadline::start(std::chrono::milliseconds time) {
  time_ = time;
  end_ = Clock::now() + time;
}

int LdapDeadline::connected(LDAP*, Sockbuf* socket, LDAPURLDesc*, sockaddr*,
                            ldap_conncb* callback) {
  auto& self = *static_cast<LdapDeadline*>(callback->lc_arg);
  self.start(self.time_);
  ber_len_t longest = longest_message;
  ber_sockbuf_ctrl(socket, LBER_SB_OPT_SET_MAX_INCOMING, &longest);
  static int yes = 1;
  ber_sockbuf_ctrl(socket, LBER_SB_OPT_SET_NONBLOCK, &yes);
  return ber_sockbuf_add_io(socket, &io_, LBER_SBIOD_LEVEL_PROVIDER + 1, &self);
}

// False: the deadline has passed, or poll(2) fails; errno says which. What is ready is ready even
// then, so that a late unbind is sent all the same.
bool LdapDeadline::wait(Sockbuf_IO_Desc* layer, short events) {
  const auto& self = *static_cast<LdapDeadline*>(layer->sbiod_pvt);
  pollfd descriptor{-1, events, 0};
  ber_sockbuf_ctrl(layer->sbiod_sb, LBER_SB_OPT_GET_FD, &descriptor.fd);
  for (;;) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(self.end_ - Clock::now());
    const int ready = poll(&descriptor, 1, static_cast<int>(std::max(left.count(), 0L)));
    if (ready > 0) return true;
    if (ready < 0 && errno == EINTR) continue;
    if (ready == 0) errno = ETIMEDOUT;
    return false;
  }
}

ber_slen_t LdapDeadline::read(Sockbuf_IO_Desc* layer, void* buffer, ber_len_t size) {
  for (;;) {
    if (!wait(layer, POLLIN)) return -1;
    const ber_slen_t got = LBER_SBIOD_READ_NEXT(layer, buffer, size);
    if (got >= 0 || (errno != EAGAIN && errno != EINTR)) return got;
  }
}

ber_slen_t LdapDeadline::write(Sockbuf_IO_Desc* layer, void* buffer, ber_len_t size) {
  for (;;) {
    if (!wait(layer, POLLOUT)) return -1;
    const ber_slen_t put = LBER_SBIOD_WRITE_NEXT(layer, buffer, size);
    if (put >= 0 || (errno != EAGAIN && errno != EINTR)) return put;
  }
}

}  // namespace stores
