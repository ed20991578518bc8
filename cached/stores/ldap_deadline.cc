// See ldap_deadline.h. It is a layer of liblber's between the socket and TLS: each read and write
// first waits until the socket is ready, up to the deadline.
// SPDX-License-Identifier: MIT

#include "cached/stores/ldap_deadline.h"

#include <poll.h>
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

int LdapDeadline::connected(LDAP*, Sockbuf* socket, LDAPURLDesc*, sockaddr*,
                            ldap_conncb* callback) {
  auto& self = *static_cast<LdapDeadline*>(callback->lc_arg);
  self.restart();
  ber_len_t longest = longest_message;
  ber_sockbuf_ctrl(socket, LBER_SB_OPT_SET_MAX_INCOMING, &longest);
  static int yes = 1;
  ber_sockbuf_ctrl(socket, LBER_SB_OPT_SET_NONBLOCK, &yes);
  return ber_sockbuf_add_io(socket, &io_, LBER_SBIOD_LEVEL_PROVIDER + 1, &self);
}

bool LdapDeadline::wait_for(Sockbuf_IO_Desc* layer, short events) {
  ber_socket_t socket = -1;
  ber_sockbuf_ctrl(layer->sbiod_sb, LBER_SB_OPT_GET_FD, &socket);
  return static_cast<LdapDeadline*>(layer->sbiod_pvt)->wait(socket, events);
}

ber_slen_t LdapDeadline::read(Sockbuf_IO_Desc* layer, void* buffer, ber_len_t size) {
  for (;;) {
    if (!wait_for(layer, POLLIN)) return -1;
    const ber_slen_t got = LBER_SBIOD_READ_NEXT(layer, buffer, size);
    if (got >= 0 || (errno != EAGAIN && errno != EINTR)) return got;
  }
}

ber_slen_t LdapDeadline::write(Sockbuf_IO_Desc* layer, void* buffer, ber_len_t size) {
  for (;;) {
    if (!wait_for(layer, POLLOUT)) return -1;
    const ber_slen_t put = LBER_SBIOD_WRITE_NEXT(layer, buffer, size);
    if (put >= 0 || (errno != EAGAIN && errno != EINTR)) return put;
  }
}

}  // namespace stores
