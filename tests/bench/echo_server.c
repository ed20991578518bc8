// The floor of cached: the least that a libuv server on a UNIX socket can do. Each piece read is
// written back in one write, or answered with ANSWER and LF when there is one; closes on EOF.
// Usage: echo_server SOCKET [ANSWER]. Built with: gcc -O2, -luv
// SPDX-License-Identifier: MIT
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <uv.h>

// One connection with room for one piece: whoever speaks line by line never has two under way.
struct client {
  uv_pipe_t pipe;
  uv_write_t write;
  char data[8192];
};

static char* answer;
static size_t answer_size;

static void closed(uv_handle_t* handle) { free(handle); }

static void written(uv_write_t* write, int status) {
  if (status < 0 && !uv_is_closing((uv_handle_t*)write->handle))
    uv_close((uv_handle_t*)write->handle, closed);
}

static void allocate(uv_handle_t* handle, size_t hint, uv_buf_t* out) {
  (void)hint;
  struct client* client = (struct client*)handle;
  *out = uv_buf_init(client->data, sizeof client->data);
}

static void received(uv_stream_t* stream, ssize_t size, const uv_buf_t* buffer) {
  struct client* client = (struct client*)stream;
  if (size < 0) {
    uv_close((uv_handle_t*)stream, closed);
  } else if (size > 0) {
    uv_buf_t reply = answer ? uv_buf_init(answer, (unsigned)answer_size)
                            : uv_buf_init(buffer->base, (unsigned)size);
    uv_write(&client->write, stream, &reply, 1, written);
  }
}

static void connected(uv_stream_t* server, int status) {
  if (status < 0) return;
  struct client* client = malloc(sizeof *client);
  if (!client) abort();
  uv_pipe_init(server->loop, &client->pipe, 0);
  uv_accept(server, (uv_stream_t*)&client->pipe);
  uv_read_start((uv_stream_t*)&client->pipe, allocate, received);
}

int main(int argc, char** argv) {
  if (argc < 2) return 2;
  if (argc > 2) {
    answer_size = strlen(argv[2]) + 1;
    answer = malloc(answer_size + 1);
    if (!answer) return 1;
    sprintf(answer, "%s\n", argv[2]);
  }
  signal(SIGPIPE, SIG_IGN);
  uv_pipe_t server;
  uv_pipe_init(uv_default_loop(), &server, 0);
  umask(0);  // Dovecot's children are another user
  if (uv_pipe_bind(&server, argv[1]) < 0) return 1;
  if (uv_listen((uv_stream_t*)&server, 1024, connected) < 0) return 1;
  return uv_run(uv_default_loop(), UV_RUN_DEFAULT);
}
