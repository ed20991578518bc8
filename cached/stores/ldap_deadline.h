// A time by which whatever libldap reads and writes on a connection has ended. Its own timeouts do
// not hold in a TLS handshake (2.5.13, GnuTLS): with a server that says nothing it spins for ever.
// SPDX-License-Identifier: MIT

#pragma once

#include <lber.h>
#include <ldap.h>

#include "cached/stores/deadline.h"

namespace stores {

// Must outlive the handle it is given. Starts again with the same time when libldap has connected,
// behind which its TLS handshake comes.
class LdapDeadline : public Deadline {
 public:
  // To be called once, before the handle connects. False: there is no memory.
  bool attach(LDAP* handle);

 private:
  static int connected(LDAP*, Sockbuf* socket, LDAPURLDesc*, sockaddr*, ldap_conncb* callback);
  static bool wait_for(Sockbuf_IO_Desc* layer, short events);
  static ber_slen_t read(Sockbuf_IO_Desc* layer, void* buffer, ber_len_t size);
  static ber_slen_t write(Sockbuf_IO_Desc* layer, void* buffer, ber_len_t size);
  static Sockbuf_IO io_;

  ldap_conncb callback_{};
};

}  // namespace stores
