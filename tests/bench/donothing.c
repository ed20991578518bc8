// A checkpassword program that permits everybody: reads descriptor 3 to its third NUL, writes the
// reply record ("OK, no fields") itself and is gone. What Dovecot costs around any such program.
// Built with: musl-gcc -static -O2
// SPDX-License-Identifier: MIT
#include <unistd.h>

int main(void) {
  char input[512];
  size_t size = 0;
  for (int nuls = 0; nuls < 3;) {
    const ssize_t got = read(3, input + size, sizeof input - size);
    if (got <= 0) return 111;
    for (ssize_t i = 0; i < got; i++) nuls += input[size + (size_t)i] == '\0';
    size += (size_t)got;
  }
  return write(4, "\t", 1) == 1 ? 0 : 111;
}
