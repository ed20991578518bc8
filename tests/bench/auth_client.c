// Logins over Dovecot's auth-client socket, as its login processes ask for them: N connections that
// stay, one AUTH PLAIN at a time on each, every one of which must be answered OK. The protocol is
// Dovecot's "Authentication Protocol v1.2" (doc/wiki/Design.AuthProtocol.txt).
// Usage: auth_client SOCKET CONNECTIONS LOGINS USER PASSWORD [ADDRESS]. Of the client's address a
// run of `#` stands for the number of the login, with as many digits. Built with: gcc -O2
// SPDX-License-Identifier: MIT
#define _GNU_SOURCE
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "measure.h"

enum { max_connections = 64, max_line = 8192, patience_ms = 60000 };

static struct pollfd polls[max_connections];
static long ids[max_connections];
static double begins[max_connections];
static char response[1024];  // base64 of NUL user NUL password
static const char* address = "127.0.0.1";
static long logins_started;

static void encode(const char* user, const char* password) {
  static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  unsigned char plain[512] = {0};
  const int size = snprintf((char*)plain, sizeof plain - 2, "%c%s%c%s", 0, user, 0, password);
  if (size < 0 || size >= (int)sizeof plain - 2) die("user and password are too long");
  char* out = response;
  for (int i = 0; i < size; i += 3) {
    const unsigned bits = (unsigned)(plain[i] << 16 | plain[i + 1] << 8 | plain[i + 2]);
    *out++ = digits[bits >> 18 & 63];
    *out++ = digits[bits >> 12 & 63];
    *out++ = i + 1 < size ? digits[bits >> 6 & 63] : '=';
    *out++ = i + 2 < size ? digits[bits & 63] : '=';
  }
}

static void send_text(int fd, const char* text, int size) {
  if (send(fd, text, (size_t)size, MSG_NOSIGNAL) != size) die("send");
}

// Each connection is a login process of its own to Dovecot, so each has a process ID of its own.
static int connect_to_auth(const char* path, int number) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  char text[max_line] = "";
  size_t size = 0;
  if (strlen(path) >= sizeof address.sun_path) die("path");
  strcpy(address.sun_path, path);
  const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0 || connect(fd, (struct sockaddr*)&address, sizeof address) < 0) die("connect");
  send_text(fd, text, snprintf(text, sizeof text, "VERSION\t1\t2\nCPID\t%d\n", getpid() + number));
  for (text[0] = '\0'; !strstr(text, "\nDONE\n");) {
    const ssize_t got = recv(fd, text + size, sizeof text - size - 1, 0);
    if (got <= 0) die("no greeting");
    text[size += (size_t)got] = '\0';
  }
  return fd;
}

static void start(int i) {
  char text[max_line], from[64];
  snprintf(from, sizeof from, "%s", address);
  number_it(from, '#', logins_started++);
  begins[i] = now();
  const int size = snprintf(text, sizeof text,
                            "AUTH\t%ld\tPLAIN\tservice=imap\tsecured\tsession=oVJ6bQAbnNh/%04d\t"
                            "lip=127.0.0.1\trip=%s\tlport=143\trport=%d\tresp=%s\n",
                            ++ids[i], i, from, 50000 + i, response);
  send_text(polls[i].fd, text, size);
}

static void finish(int i) {
  char text[max_line], ok[64];
  size_t size = 0;
  do {
    const ssize_t got = recv(polls[i].fd, text + size, sizeof text - size - 1, 0);
    if (got <= 0) die("no answer");
    size += (size_t)got;
  } while (text[size - 1] != '\n' && size < sizeof text - 1);
  text[size] = '\0';
  const int length = snprintf(ok, sizeof ok, "OK\t%ld\t", ids[i]);
  if (strncmp(text, ok, (size_t)length) != 0) {
    fprintf(stderr, "auth_client: not OK: %s", text);
    exit(1);
  }
}

static void run(int count, long logins, double* latencies) {
  long done = 0;
  for (int i = 0; i < count && logins_started < logins; i++) start(i);
  while (done < logins) {
    errno = ETIMEDOUT;
    if (poll(polls, (nfds_t)count, patience_ms) <= 0) die("poll");
    for (int i = 0; i < count; i++) {
      if (!polls[i].revents) continue;
      finish(i);
      latencies[done++] = now() - begins[i];
      if (logins_started < logins) start(i);
    }
  }
}

int main(int argc, char** argv) {
  if (argc != 6 && argc != 7) return 2;
  const int count = atoi(argv[2]);
  const long logins = atol(argv[3]);
  if (count < 1 || count > max_connections || logins < 1) return 2;
  double* latencies = calloc((size_t)logins, sizeof *latencies);
  if (!latencies) die("memory");
  encode(argv[4], argv[5]);
  if (argc == 7) address = argv[6];
  for (int i = 0; i < count; i++) {
    polls[i].fd = connect_to_auth(argv[1], i);
    polls[i].events = POLLIN;
  }
  const double begin = now();
  run(count, logins, latencies);
  const double seconds = now() - begin;
  print_figures(seconds, latencies, logins);
  return 0;
}
