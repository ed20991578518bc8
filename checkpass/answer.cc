// Descriptor 4 and exec: see answer.h. The environment for exec is built in static memory.
// SPDX-License-Identifier: MIT

#include "checkpass/answer.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

extern char** environ;

namespace checkpass {
namespace {

constexpr int reply_fd = 4;
constexpr size_t max_variables = 512;

// SMTP has 512 bytes for the line that tells it (RFC 5321, 4.5.3.1.5), Postfix's own words
// included.
constexpr size_t longest_message = 200;

// The environment for the next program.
struct Environment {
  char* variables[max_variables + 1];
  size_t count;
  char text[2 * wire::max_line];
  size_t size;
};
Environment environment;

bool append(wire::Bytes bytes) {
  if (bytes.size > sizeof environment.text - environment.size) return false;
  memcpy(environment.text + environment.size, bytes.data, bytes.size);
  environment.size += bytes.size;
  return true;
}

bool set(wire::Bytes name, wire::Bytes value) {
  if (environment.count == max_variables) return false;
  environment.variables[environment.count++] = environment.text + environment.size;
  return append(name) && append("=") && append(value) && append(wire::Bytes("", 1));
}

// checkpassword's own names for three of Dovecot's fields.
struct Alias {
  const char* field;
  const char* variable;
};
constexpr Alias aliases[] = {{"user", "USER"}, {"userdb_home", "HOME"}, {"userdb_shell", "SHELL"}};

// True when a variable of that name was set before: what cached says goes before what we inherited.
bool is_set(const char* variable) {
  const size_t length = strcspn(variable, "=") + 1;
  for (size_t i = 0; i < environment.count; i++)
    if (strncmp(environment.variables[i], variable, length) == 0) return true;
  return false;
}

bool inherit(char* variable) {
  if (is_set(variable)) return true;
  if (environment.count == max_variables) return false;
  environment.variables[environment.count++] = variable;
  return true;
}

// Calls f(name, escaped value) for each `name=value TAB` of a record.
template <class F>
bool for_each(wire::Bytes record, F f) {
  while (record.size > 1) {
    const char* tab = static_cast<const char*>(memchr(record.data, '\t', record.size));
    const size_t length = size_t(tab - record.data);
    const char* equals = static_cast<const char*>(memchr(record.data, '=', length));
    if (!f(wire::Bytes(record.data, size_t(equals - record.data)),
           wire::Bytes(equals + 1, size_t(tab - equals - 1))))
      return false;
    record.data += length + 1;
    record.size -= length + 1;
  }
  return true;
}

bool set_field(wire::Bytes name, wire::Bytes value) {
  if (memchr(value.data, '\001', value.size)) return false;  // cannot be said in an environment
  for (const Alias& alias : aliases)
    if (name.is(alias.field)) return set(alias.variable, value);
  return set(name, value);
}

bool set_extra(wire::Bytes record) {
  char names[wire::max_line];
  size_t size = 0;
  for_each(record, [&](wire::Bytes name, wire::Bytes) {
    for (const Alias& alias : aliases)
      if (name.is(alias.field)) return true;
    memcpy(names + size, name.data, name.size);  // a record is longer than its names
    size += name.size;
    names[size++] = ' ';
    return true;
  });
  return size == 0 || set("EXTRA", wire::Bytes(names, size - 1));
}

}  // namespace

bool parse_reply(char* line, size_t size, char (&buffer)[wire::max_line], Reply& out) {
  wire::Reader reader(line, size);
  if (!reader.version_matches()) return false;
  wire::Writer record(buffer, sizeof buffer);
  wire::Field field;
  wire::Reader::Got got;
  bool answered = false;
  while ((got = reader.next(field)) == wire::Reader::Got::field) {
    if (field.name.is("answer")) {
      if (answered) return false;
      answered = true;
      if (field.value.is("permit"))
        out.answer = Answer::permit;
      else if (field.value.is("deny"))
        out.answer = Answer::deny;
      else if (!field.value.is("later"))
        return false;
    } else if (field.name.is("text")) {
      out.text = field.value;
    } else if (field.name.is("message")) {
      out.message = field.value;
    } else {
      record.add(field.name, field.value);
    }
  }
  const size_t length = record.record();
  out.record = wire::Bytes(buffer, length);
  return got == wire::Reader::Got::end && answered && length > 0;
}

wire::Bytes gate_record(const Reply& reply, char (&buffer)[wire::max_line]) {
  wire::Writer record(buffer, sizeof buffer);
  const bool open = reply.answer == Answer::permit;
  record.add("audit_nets", open ? "0.0.0.0/0,::/0,local" : "255.255.255.255/32");
  wire::Bytes message = printable(reply.message);
  if (message.size > longest_message) message.size = longest_message;
  if (!open && message.size) record.add("reason", message);
  const size_t size = record.record();
  return wire::Bytes(buffer, size);
}

wire::Bytes printable(wire::Bytes text) {
  for (size_t i = 0; i < text.size; i++) {
    char& byte = const_cast<char&>(text.data[i]);
    if (byte < 0x20 || byte >= 0x7f) byte = '?';
  }
  return text;
}

bool has_reply_descriptor() { return fcntl(reply_fd, F_GETFD) >= 0; }

bool write_record(wire::Bytes record) {
  while (record.size) {
    const ssize_t written = write(reply_fd, record.data, record.size);
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return false;
    record.data += written;
    record.size -= size_t(written);
  }
  return true;
}

bool is_checkpassword_reply(const char* program) {
  const char* slash = strrchr(program, '/');
  return strcmp(slash ? slash + 1 : program, "checkpassword-reply") == 0;
}

const char* run(char** argv, wire::Bytes user, wire::Bytes record, bool lookup) {
  bool fits = for_each(record, set_field) && set_extra(record);
  if (!is_set("USER=")) fits = fits && set("USER", user);
  if (lookup) fits = fits && set("AUTHORIZED", "2");
  for (char** variable = environ; fits && *variable; variable++) fits = inherit(*variable);
  if (!fits) return "cached's answer does not fit into an environment";
  close(3);
  execve(argv[0], argv, environment.variables);
  return "cannot run the next program";
}

}  // namespace checkpass
