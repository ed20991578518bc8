// The line that checkpass and cached exchange: a version word, then name=value fields, separated by
// TAB, ended by LF, escaped as Dovecot escapes its own protocols. checkpass-wire(7) is its manual.
// No allocation and no libstdc++: both programs, and the fuzzer, share this one codec.
// SPDX-License-Identifier: MIT

#pragma once

#include <stddef.h>
#include <string.h>

namespace wire {

// The first word of every line, in both directions.
inline constexpr char version[] = "checkpass/1";

// A whole line, with its LF, is at most this many bytes.
inline constexpr size_t max_line = 8192;

// Bytes somebody else owns; not NUL-terminated.
struct Bytes {
  const char* data = nullptr;
  size_t size = 0;

  Bytes() = default;
  Bytes(const char* bytes, size_t count) : data(bytes), size(count) {}
  Bytes(const char* text) : data(text), size(strlen(text)) {}

  bool is(const char* text) const { return size == strlen(text) && memcmp(data, text, size) == 0; }
};

struct Field {
  Bytes name;
  Bytes value;
};

// Writes name=value fields, each ended by TAB, into the caller's buffer. That is the record which
// Dovecot reads from descriptor 4; begin() and line() make a wire line of it. A field that does not
// fit makes every later result 0: nothing is ever cut.
class Writer {
 public:
  Writer(char* buffer, size_t capacity) : buffer_(buffer), capacity_(capacity) {}

  void begin();                       // the version word, for a wire line
  void add(Bytes name, Bytes value);  // name: a literal of ours; value: escaped as needed
  size_t record();  // bytes of a Dovecot record; a lone TAB when there is no field
  size_t line();    // bytes of a wire line with its LF

 private:
  void put(char byte);
  void put_escaped(Bytes value);

  char* buffer_;
  size_t capacity_;
  size_t size_ = 0;
  bool full_ = false;
};

// Reads the fields of one line (without its LF), unescaping them in place.
class Reader {
 public:
  enum class Got { field, end, malformed };

  Reader(char* line, size_t size) : at_(line), end_(line + size) {}

  // True when the line starts with our version word; to be asked once, before next().
  bool version_matches();

  // The next field. Malformed: a field without `=`, a name that is empty or has other bytes than
  // A-Z a-z 0-9 _ . -, an unknown escape, or a control byte that should have been escaped.
  Got next(Field& field);

 private:
  char* at_;
  char* end_;
};

}  // namespace wire
