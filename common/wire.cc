// The codec of wire.h. Dovecot's escaping: \001 then 0, 1, t, n or r for NUL, \001, TAB, LF, CR.
// SPDX-License-Identifier: MIT

#include "common/wire.h"

namespace wire {
namespace {

constexpr char escape = '\001';

struct Escape {
  char raw;
  char code;
};
constexpr Escape escapes[] = {{'\0', '0'}, {escape, '1'}, {'\t', 't'}, {'\n', 'n'}, {'\r', 'r'}};

bool is_name_byte(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '.' || c == '-';
}

bool is_name(const char* from, const char* to) {
  if (from == to) return false;
  for (; from < to; from++)
    if (!is_name_byte(*from)) return false;
  return true;
}

// Unescapes [from, to) in place; the new end, or null for an unknown escape or a bare control byte.
char* unescape(char* from, char* to) {
  char* out = from;
  for (char* in = from; in < to; in++) {
    char c = *in;
    if (c == escape) {
      if (++in == to) return nullptr;
      const Escape* found = nullptr;
      for (const Escape& e : escapes)
        if (e.code == *in) found = &e;
      if (!found) return nullptr;
      c = found->raw;
    } else {
      for (const Escape& e : escapes)
        if (e.raw == c) return nullptr;
    }
    *out++ = c;
  }
  return out;
}

}  // namespace

void Writer::put(char byte) {
  if (size_ == capacity_) full_ = true;
  if (!full_) buffer_[size_++] = byte;
}

void Writer::put_escaped(Bytes value) {
  for (size_t i = 0; i < value.size; i++) {
    char code = 0;
    for (const Escape& e : escapes)
      if (e.raw == value.data[i]) code = e.code;
    if (code) put(escape);
    put(code ? code : value.data[i]);
  }
}

void Writer::begin() {
  for (const char* c = version; *c; c++) put(*c);
  put('\t');
}

void Writer::add(Bytes name, Bytes value) {
  for (size_t i = 0; i < name.size; i++) put(name.data[i]);
  put('=');
  put_escaped(value);
  put('\t');
}

size_t Writer::record() {
  if (size_ == 0) put('\t');
  return full_ ? 0 : size_;
}

size_t Writer::line() {
  if (full_ || size_ == 0 || size_ > max_line) return 0;
  buffer_[size_ - 1] = '\n';  // in place of the last TAB
  return size_;
}

bool Reader::version_matches() {
  const size_t length = sizeof version - 1;
  if (size_t(end_ - at_) < length || memcmp(at_, version, length) != 0) return false;
  at_ += length;
  return at_ == end_ || *at_ == '\t';
}

Reader::Got Reader::next(Field& field) {
  if (at_ == end_) return Got::end;
  char* start = at_ + 1;  // behind the TAB that ended the word before
  auto* stop = static_cast<char*>(memchr(start, '\t', size_t(end_ - start)));
  if (!stop) stop = end_;
  at_ = stop;

  auto* equals = static_cast<char*>(memchr(start, '=', size_t(stop - start)));
  if (!equals || !is_name(start, equals)) return Got::malformed;
  const char* value_end = unescape(equals + 1, stop);
  if (!value_end) return Got::malformed;
  field.name = Bytes(start, size_t(equals - start));
  field.value = Bytes(equals + 1, size_t(value_end - (equals + 1)));
  return Got::field;
}

}  // namespace wire
