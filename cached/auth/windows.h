// Password schemes of Windows and CompuServe that Dovecot had until 2.3 and that old databases
// still have.
// SPDX-License-Identifier: MIT

#pragma once

#include "cached/auth/verification.h"

namespace auth::hash {

// MD4 of the password in UTF-16LE, each byte taken for a character, as Dovecot does.
Verified verify_ntlm(const Trial& trial);

// Two halves of 7 characters in upper case, each a DES key.
Verified verify_lanman(const Trial& trial);

// MD5 of the password in UTF-16BE, each byte taken for a character.
Verified verify_rpa(const Trial& trial);

}  // namespace auth::hash
