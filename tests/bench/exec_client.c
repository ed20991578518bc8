// Runs a checkpassword program again and again, one at a time, as Dovecot's auth process does: a
// pipe on 3 and on 4, its environment, its ignored signals, its leaking descriptors. Each run must
// exit 0 with a record on 4. vfork instead of Dovecot's fork, so that our own cost stays low.
// Usage: exec_client COUNT USER PASSWORD PROGRAM [ARGS...]. Built with: gcc -O2
// SPDX-License-Identifier: MIT
#define _GNU_SOURCE
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "measure.h"

// What a child of Dovecot 2.3.19 found in its environment for an IMAP login; USER is filled in.
static char* environment[] = {
    "PROCESS_LIMIT=1",
    "AUTH_SESSION=oVJ6bQAbnNh/AAAB",
    "TCPLOCALPORT=143",
    "AUTH_LOCAL_PORT=143",
    "AUTH_REAL_REMOTE_IP=127.0.0.1",
    "DOVECOT_VERSION=2.3.19.1",
    "TCPREMOTEIP=127.0.0.1",
    "AUTH_REMOTE_IP=127.0.0.1",
    "AUTH_USER=USER",
    "AUTH_REAL_LPORT=143",
    "PROTO=TCP",
    "CLIENT_LIMIT=1000",
    "AUTH_LPORT=143",
    "STATS_WRITER_SOCKET_PATH=/run/dovecot/stats-writer",
    "AUTH_MECH=PLAIN",
    "SOCKET_COUNT=6",
    "AUTH_ORIGINAL_USERNAME=USER",
    "GENERATION=4",
    "AUTH_REAL_RPORT=55555",
    "AUTH_SECURED=secured",
    "AUTH_RPORT=55555",
    "AUTH_ORIG_USER=USER",
    "DOVECOT_PRESERVE_ENVS=NOTIFY_SOCKET LISTEN_FDS LISTEN_PID TZ CORE_OUTOFMEM CORE_ERROR "
    "LISTEN_PID LISTEN_FDS NOTIFY_SOCKET",
    "IDLE_KILL=60",
    "DOVECOT_HOSTDOMAIN=mail.example",
    "AUTH_AUTH_USER=USER",
    "AUTH_REAL_REMOTE_PORT=55555",
    "DOVECOT_CHILD_PROCESS=1",
    "SERVICE_NAME=auth",
    "SOCKET0_SETTINGS=login",
    "ORIG_UID=102",
    "SOCKET1_SETTINGS=tokenlogin",
    "SOCKET2_SETTINGS=auth-login",
    "TCPREMOTEPORT=55555",
    "AUTH_SERVICE=imap",
    "AUTH_REMOTE_PORT=55555",
    "CONFIG_FILE=/run/dovecot/config",
    "DOVECOT_HOSTNAME=mail",
    "SOCKET3_SETTINGS=auth-client",
    "AUTH_USERNAME=USER",
    "AUTH_REAL_LOCAL_IP=127.0.0.1",
    "SOCKET4_SETTINGS=auth-userdb",
    "SOCKET5_SETTINGS=auth-master",
    "LOG_DEBUG=",
    "SERVICE=imap",
    "TCPLOCALIP=127.0.0.1",
    "AUTH_PID=0",
    "AUTH_LOCAL_IP=127.0.0.1",
    "AUTH_CERT=",
    "AUTH_REAL_LIP=127.0.0.1",
    "REMOTE_IP=127.0.0.1",
    "AUTH_ORIG_USERNAME=USER",
    "PROCESS_MIN_AVAIL=0",
    "AUTH_LIP=127.0.0.1",
    "AUTH_AUTH_USERNAME=USER",
    "LOCAL_IP=127.0.0.1",
    "AUTH_ORIGINAL_USER=USER",
    "AUTH_REAL_RIP=127.0.0.1",
    "AUTH_MECHANISM=PLAIN",
    "AUTH_REAL_LOCAL_PORT=143",
    "LOG_SERVICE=1",
    "AUTH_RIP=127.0.0.1",
    NULL};

enum { last_leaked = 20 };  // a child of Dovecot has descriptors up to about here

static void fill_in_user(const char* user) {
  for (char** variable = environment; *variable; variable++) {
    char* equals = strchr(*variable, '=');
    if (strcmp(equals, "=USER") != 0) continue;
    if (asprintf(variable, "%.*s=%s", (int)(equals - *variable), *variable, user) < 0) die("user");
  }
}

// Occupies 3 and 4, so that no pipe of ours lands there, and 5 and up, which the child inherits.
static void leak_descriptors(void) {
  for (int fd = open("/dev/null", O_RDWR); fd <= last_leaked; fd = dup(fd))
    if (fd < 0) die("/dev/null");
}

// The child's descriptors, then its program. Between vfork and exec: nothing but system calls.
static pid_t start(char** program, int in, int out) {
  const pid_t child = vfork();
  if (child != 0) return child;
  if (dup2(in, 3) == 3 && dup2(out, 4) == 4) execve(program[0], program, environment);
  _exit(127);
}

static void run_once(char** program, const char* input, size_t size) {
  int in[2], out[2], status;
  char record[8192];
  if (pipe2(in, O_CLOEXEC) < 0 || pipe2(out, O_CLOEXEC) < 0) die("pipe");
  const pid_t child = start(program, in[0], out[1]);
  if (child < 0) die("vfork");
  close(in[0]);
  close(out[1]);
  if (write(in[1], input, size) != (ssize_t)size) die("write");
  const ssize_t got = read(out[0], record, sizeof record);
  if (waitpid(child, &status, 0) != child) die("waitpid");
  close(in[1]);
  close(out[0]);
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0 || got <= 0 || record[got - 1] != '\t') {
    fprintf(stderr, "exec_client: %s: status 0x%x and %zd bytes on descriptor 4\n", program[0],
            (unsigned)status, got);
    exit(1);
  }
}

int main(int argc, char** argv) {
  if (argc < 5) return 2;
  const long count = atol(argv[1]);
  char input[512];
  const int size = snprintf(input, sizeof input, "%s%c%s%c%c", argv[2], 0, argv[3], 0, 0);
  if (size >= (int)sizeof input) return 2;
  fill_in_user(argv[2]);
  leak_descriptors();
  signal(SIGHUP, SIG_IGN);
  signal(SIGUSR2, SIG_IGN);
  signal(SIGPIPE, SIG_IGN);

  const double begin = now();
  for (long i = 0; i < count; i++) run_once(argv + 4, input, (size_t)size);
  const double seconds = now() - begin;
  struct rusage used;
  getrusage(RUSAGE_CHILDREN, &used);
  const double cpu = (double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) +
                     (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6;
  const double n = (double)count;
  printf("count=%ld rate=%.1f us=%.2f child_cpu_us=%.2f faults=%.1f\n", count, n / seconds,
         seconds / n * 1e6, cpu / n * 1e6, (double)used.ru_minflt / n);
  return 0;
}
