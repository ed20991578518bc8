// Password schemes of crypt(3), as libxcrypt has them.
// SPDX-License-Identifier: MIT

#pragma once

#include "cached/auth/verification.h"

namespace auth::hash {

// $6$, $5$, $2y$, $1$ and whatever fails only when it is damaged.
Verified verify_crypt(const Trial& trial);

// $y$, $gy$, $7$: those that need memory.
Verified verify_yescrypt(const Trial& trial);
Verified verify_scrypt(const Trial& trial);

// Two characters of salt and eleven of hash: of the password, 7 bits of 8 bytes.
Verified verify_des(const Trial& trial);

}  // namespace auth::hash
