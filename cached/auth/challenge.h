// Password schemes that SASL mechanisms leave behind: what a server stores for CRAM-MD5 and the
// like also tells whether a password is right.
// SPDX-License-Identifier: MIT

#pragma once

#include "cached/auth/verification.h"

namespace auth::hash {

// ROUNDS,SALT,STOREDKEY,SERVERKEY (RFC 5802; RFC 7677 for SHA-256), all but the first in base64.
Verified verify_scram_sha1(const Trial& trial);
Verified verify_scram_sha256(const Trial& trial);

// The two states of MD5 after the padded key, the outer first: where HMAC-MD5 (RFC 2104) goes on
// when the challenge of CRAM-MD5 (RFC 2195) is there. Dovecot calls it HMAC-MD5 as well.
Verified verify_cram_md5(const Trial& trial);

// MD5 of user:realm:password (RFC 2831), the realm being what is behind the last @ of the name.
Verified verify_digest_md5(const Trial& trial);

// KIND COUNT SEED HEX: a one-time password (RFC 2289), as the one that was last used.
Verified verify_otp(const Trial& trial);

}  // namespace auth::hash
