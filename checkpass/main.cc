// checkpass: a checkpassword program that knows nothing itself and asks cached; see checkpass(8).
// One login from the top of main() to its exit code: read descriptor 3, ask, hand on the answer.
// SPDX-License-Identifier: MIT

#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "checkpass/answer.h"
#include "checkpass/ask.h"
#include "checkpass/credentials.h"

namespace checkpass {
namespace {

// Exit codes of the checkpassword interface as Dovecot 2.3 reads them. The lookup codes only count
// when AUTHORIZED is set.
enum Exit { exit_ok = 0, exit_denied = 1, exit_misused = 2, exit_later = 111 };
enum LookupExit { exit_found = 2, exit_unknown = 3 };

constexpr long long default_timeout_s = 30;
constexpr long long longest_timeout_s = 140;  // Dovecot gives a child up after 150 s

struct Options {
  bool audit = false;
  bool gate = false;
  const char* socket_path = "/run/checkpass/cached.sock";
  long long timeout_s = default_timeout_s;
  char** program = nullptr;
};

// What Dovecot wants to know.
//   login        is this password right (or with --audit: may this login go on)?
//   lookup       does this user exist? (AUTHORIZED set)
//   credentials  the user's stored password, for CRAM-MD5 and the like (a lookup with a mechanism)
enum class Purpose { login, lookup, credentials };

// One line on stderr, which Dovecot logs as an error of its auth process.
void complain(const char* what, wire::Bytes more = {}) {
  const char* gap = more.size ? ": " : "";
  const iovec parts[] = {{const_cast<char*>("checkpass: "), 11},
                         {const_cast<char*>(what), strlen(what)},
                         {const_cast<char*>(gap), strlen(gap)},
                         {const_cast<char*>(more.data), more.size},
                         {const_cast<char*>("\n"), 1}};
  [[maybe_unused]] const ssize_t written = writev(2, parts, 5);
}

bool parse_options(char** argv, Options& out) {
  for (argv++; *argv && strncmp(*argv, "--", 2) == 0; argv++) {
    if (strcmp(*argv, "--") == 0) {
      argv++;
      break;
    }
    if (strcmp(*argv, "--audit") == 0) {
      out.audit = true;
    } else if (strcmp(*argv, "--gate") == 0) {
      out.gate = true;
    } else if (strcmp(*argv, "--socket") == 0 && argv[1]) {
      out.socket_path = *++argv;
    } else if (strcmp(*argv, "--timeout") == 0 && argv[1]) {
      char* end;
      out.timeout_s = strtol(*++argv, &end, 10);
      if (*end || out.timeout_s < 1 || out.timeout_s > longest_timeout_s) {
        out.timeout_s = default_timeout_s;
        return false;
      }
    } else {
      return false;
    }
  }
  out.program = argv;
  return *argv != nullptr && (out.audit || !out.gate);
}

wire::Bytes variable(const char* name) {
  const char* value = getenv(name);
  return value ? wire::Bytes(value) : wire::Bytes();
}

Purpose find_purpose() {
  if (!getenv("AUTHORIZED")) return Purpose::login;
  const bool wants_credentials = getenv("CREDENTIALS_LOOKUP") && variable("AUTH_MECH").size;
  return wants_credentials ? Purpose::credentials : Purpose::lookup;
}

// The facts that name a login: the variable Dovecot sets, the field of checkpass-wire(7).
struct Fact {
  const char* variable;
  const char* field;
};
constexpr Fact facts[] = {
    {"SERVICE", "service"},
    {"TCPREMOTEIP", "rip"},
    {"TCPREMOTEPORT", "rport"},
    {"TCPLOCALIP", "lip"},
    {"TCPLOCALPORT", "lport"},
    {"MASTER_USER", "master_user"},
    {"AUTH_SESSION", "session"},
    {"AUTH_SECURED", "secured"},
    {"AUTH_MECH", "mech"},
    {"AUTH_CLIENT_ID", "client_id"},
    {"AUTH_LOCAL_NAME", "local_name"},
    {"AUTH_REAL_RIP", "real_rip"},
    {"AUTH_ORIG_USER", "orig_user"},
};
constexpr size_t longest_fact = 1024;  // a mail program may say what it likes in its client ID

size_t write_request(const char* request, const Credentials& credentials, bool with_password,
                     char (&line)[wire::max_line]) {
  wire::Writer writer(line, sizeof line);
  writer.begin();
  writer.add("request", request);
  writer.add("user", credentials.user);
  if (with_password) writer.add("password", credentials.password);
  for (const Fact& fact : facts) {
    wire::Bytes value = variable(fact.variable);
    if (value.size > longest_fact) value.size = longest_fact;
    if (value.size) writer.add(fact.field, value);
  }
  return writer.line();
}

// Asks cached and returns its answer; try later, with a line on stderr, when there is none.
Reply ask_cached(const Options& options, const char* request, const Credentials& credentials,
                 long long start, char (&record)[wire::max_line]) {
  static char line[wire::max_line];  // has the password in it
  static char answer[wire::max_line];
  Reply reply;
  const bool with_password = strcmp(request, "auth") == 0;
  const size_t size = write_request(request, credentials, with_password, line);
  if (size == 0) {
    explicit_bzero(line, sizeof line);
    complain("the request does not fit into a line");
    return reply;
  }
  const long long timeout = options.timeout_s * 1000;
  const char* problem = "";
  const size_t got = ask(options.socket_path, wire::Bytes(line, size), answer, timeout / 6,
                         start + timeout, problem);
  explicit_bzero(line, size);
  if (got == 0) {
    complain(problem, options.socket_path);
  } else if (!parse_reply(answer, got, record, reply)) {
    reply = Reply();
    complain("cached's answer is not understood");
  } else if (reply.answer == Answer::later) {
    complain("try later", printable(reply.text));
  }
  return reply;
}

// A permitted login or a user that exists: exit code `code`, or another program in our place.
int hand_on(const Options& options, wire::Bytes user, wire::Bytes record, int code) {
  const bool write_here =
      (options.audit || is_checkpassword_reply(*options.program)) && has_reply_descriptor();
  const char* problem = "cannot write to descriptor 4";
  if (!write_here)
    problem = run(options.program, user, record, code == exit_found);
  else if (write_record(record))
    return code;
  complain(problem, *options.program);
  return exit_later;
}

void forget_password(Credentials& credentials) {
  explicit_bzero(const_cast<char*>(credentials.password.data), credentials.password.size);
  credentials.password = {};
}

// Whether the gate behind this audit stands between this login and Dovecot's OK. Its passdb block
// has `mechanisms = plain login`, for it would answer any other with a password of its own.
bool has_gate(const Options& options, Purpose purpose) {
  const wire::Bytes mechanism = variable("AUTH_MECH");
  return options.gate && purpose == Purpose::login && has_reply_descriptor() &&
         (mechanism.is("PLAIN") || mechanism.is("LOGIN"));
}

// An audit adds nothing to what an earlier passdb said, but for the gate.
wire::Bytes record_of(const Options& options, const Reply& reply, char (&buffer)[wire::max_line]) {
  if (options.gate) return gate_record(reply, buffer);
  return options.audit ? wire::Bytes("\t") : reply.record;
}

int judge(const Options& options, Credentials& credentials, long long start) {
  static char record_buffer[wire::max_line];
  const Purpose purpose = find_purpose();
  const int yes = purpose == Purpose::login ? int(exit_ok) : int(exit_found);
  const int no = purpose == Purpose::login ? int(exit_denied) : int(exit_unknown);
  if (purpose == Purpose::credentials && !options.audit) return no;  // we have only hashes

  Reply reply;
  const char* request = options.audit ? "audit" : purpose == Purpose::login ? "auth" : "lookup";
  if (options.audit && purpose == Purpose::lookup)
    reply.answer = Answer::permit;  // nobody logs in
  else
    reply = ask_cached(options, request, credentials, start, record_buffer);
  forget_password(credentials);
  if (reply.answer == Answer::later) return exit_later;
  if (reply.answer == Answer::deny && !has_gate(options, purpose)) return no;
  const wire::Bytes record = record_of(options, reply, record_buffer);
  return hand_on(options, credentials.user, record, yes);
}

}  // namespace
}  // namespace checkpass

int main(int, char** argv) {
  using namespace checkpass;
  syscall(SYS_close_range, 5, ~0U, 0);  // Dovecot leaks listening sockets and other clients' pipes
  prctl(PR_SET_DUMPABLE, 0);
  const long long start = now_ms();

  // Read whatever else is wrong: Dovecot calls it a failure of its own when we do not.
  common::Wiped<max_credentials> buffer;
  Credentials credentials;
  const char* problem = nullptr;
  Options options;
  const bool usable = parse_options(argv, options);
  const bool whole =
      read_credentials(3, start + options.timeout_s * 1000, buffer, credentials, problem);
  int code = exit_misused;
  if (!whole) {
    complain(problem);
  } else if (!usable) {
    complain(
        "usage: checkpass [--audit [--gate]] [--socket PATH] [--timeout SECONDS] PROGRAM "
        "[ARGS...]");
  } else {
    code = judge(options, credentials, start);
  }
  buffer.wipe();
  _exit(code);
}
