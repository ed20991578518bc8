// The floor of checkpass: a checkpassword program that does the least that any such program must
// when a daemon decides: read descriptor 3, one round trip on a UNIX socket, write the reply. No
// checks, no limits, no wiping: it is here to be measured against and for nothing else.
// Usage: floor_exec SOCKET. Built with: musl-gcc -static -O2
// SPDX-License-Identifier: MIT
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

int main(int argc, char** argv) {
  char line[1024];
  char answer[1024];
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  if (argc < 2 || strlen(argv[1]) >= sizeof address.sun_path) return 111;
  strcpy(address.sun_path, argv[1]);

  const ssize_t size = read(3, line, sizeof line - 1);
  if (size <= 0) return 111;
  line[size] = '\n';

  const int fd = socket(AF_UNIX, SOCK_STREAM, 0);
  if (connect(fd, (struct sockaddr*)&address, sizeof address) < 0) return 111;
  if (write(fd, line, (size_t)size + 1) != size + 1) return 111;
  if (read(fd, answer, sizeof answer) <= 0) return 111;
  return write(4, "\t", 1) == 1 ? 0 : 111;
}
