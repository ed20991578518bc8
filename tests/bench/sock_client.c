// The load on a UNIX socket: N clients, a new connection for each request, one line there and one
// line back, which must begin as expected. The same for cached and for the echo server. One thread
// and poll(2): for a handful of sockets that is the cheapest, and the server gets the other core.
// Usage: sock_client SOCKET CLIENTS REQUESTS LINE EXPECTED [PAUSE_US] (LINE without its LF). gcc
// -O2 In LINE a run of `#` stands for the number of the request and a run of `@` for that of the
// client, with as many digits. With PAUSE_US, for one client only, that many microseconds pass
// before each request. SIGTERM ends it early, with the figures of what was answered by then.
// SPDX-License-Identifier: MIT
#define _GNU_SOURCE
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "measure.h"

enum { max_clients = 256, max_line = 8192, patience_ms = 60000 };

// One client: when its request began, and what has come back of the reply.
struct client {
  double begin;
  size_t size;
  char reply[max_line];
};

static struct sockaddr_un address = {.sun_family = AF_UNIX};
static struct pollfd polls[max_clients];
static struct client clients[max_clients];
static char* line;
static size_t line_size;
static int has_numbers;
static long pause_us;
static volatile sig_atomic_t leaving;
static const char* expected;
static size_t expected_size;

static void leave(int number) {
  (void)number;
  leaving = 1;
}

static void start(int i, long number) {
  static char numbered[max_line];
  const char* text = line;
  if (has_numbers) {
    memcpy(numbered, line, line_size + 1);
    number_it(numbered, '#', number);
    number_it(numbered, '@', i);
    text = numbered;
  }
  if (pause_us) usleep((useconds_t)pause_us);
  clients[i].begin = now();
  clients[i].size = 0;
  const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) die("socket");
  if (connect(fd, (struct sockaddr*)&address, sizeof address) < 0) die("connect");
  if (send(fd, text, line_size, MSG_NOSIGNAL) != (ssize_t)line_size) die("send");
  polls[i].fd = fd;
  polls[i].events = POLLIN;
}

// Reads what there is. True when the reply is whole; a wrong one ends the program.
static int finish(int i) {
  struct client* client = &clients[i];
  const ssize_t got =
      recv(polls[i].fd, client->reply + client->size, sizeof client->reply - client->size, 0);
  if (got < 0) die("recv");
  client->size += (size_t)got;
  const int whole = client->size > 0 && client->reply[client->size - 1] == '\n';
  if (got > 0 && !whole && client->size < sizeof client->reply) return 0;
  if (!whole || client->size < expected_size ||
      memcmp(client->reply, expected, expected_size) != 0) {
    fprintf(stderr, "sock_client: not the expected reply: %.*s\n", (int)client->size,
            client->reply);
    exit(1);
  }
  close(polls[i].fd);
  polls[i].fd = -1;
  return 1;
}

// How many were answered: all of them, unless SIGTERM came before.
static long run(int count, long requests, double* latencies) {
  long started = 0, done = 0;
  for (int i = 0; i < count; i++) polls[i].fd = -1;
  for (int i = 0; i < count && started < requests; i++, started++) start(i, started);
  while (done < requests) {
    errno = ETIMEDOUT;
    const int ready = leaving ? -1 : poll(polls, (nfds_t)count, patience_ms);
    if (leaving) return done;
    if (ready <= 0) die("poll");
    for (int i = 0; i < count; i++) {
      if (polls[i].fd < 0 || !polls[i].revents || !finish(i)) continue;
      latencies[done++] = now() - clients[i].begin;
      if (started < requests) start(i, started++);
    }
  }
  return done;
}

int main(int argc, char** argv) {
  if (argc != 6 && argc != 7) return 2;
  const int count = atoi(argv[2]);
  const long requests = atol(argv[3]);
  if (count < 1 || count > max_clients || requests < 1) return 2;
  if (argc == 7) pause_us = atol(argv[6]);
  if (pause_us && count != 1) return 2;
  if (strlen(argv[1]) >= sizeof address.sun_path || strlen(argv[4]) + 2 > max_line) return 2;
  strcpy(address.sun_path, argv[1]);
  line_size = strlen(argv[4]) + 1;
  if (asprintf(&line, "%s\n", argv[4]) < 0) die("line");
  has_numbers = strpbrk(line, "#@") != NULL;
  expected = argv[5];
  expected_size = strlen(expected);
  double* latencies = calloc((size_t)requests, sizeof *latencies);
  if (!latencies) die("memory");

  signal(SIGTERM, leave);
  const double begin = now();
  const long done = run(count, requests, latencies);
  const double seconds = now() - begin;
  if (done) print_figures(seconds, latencies, done);
  return 0;
}
