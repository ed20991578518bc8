// The wire codec: what is written comes back, and nothing else is understood.
// SPDX-License-Identifier: MIT

#include "common/wire.h"

#include <doctest/doctest.h>
#include <string>
#include <utility>
#include <vector>

namespace {

using Fields = std::vector<std::pair<std::string, std::string>>;

std::string text(wire::Bytes bytes) { return {bytes.data, bytes.size}; }

std::string write(const Fields& fields) {
  std::string line(wire::max_line, '\0');
  wire::Writer writer(line.data(), line.size());
  writer.begin();
  for (const auto& [name, value] : fields)
    writer.add({name.data(), name.size()}, {value.data(), value.size()});
  line.resize(writer.line());
  return line;
}

// The fields of a line without its LF; a last pair {"?", ""} stands for a malformed one.
Fields read(std::string line) {
  wire::Reader reader(line.data(), line.size());
  if (!reader.version_matches()) return {{"no version", ""}};
  Fields fields;
  wire::Field field;
  wire::Reader::Got got;
  while ((got = reader.next(field)) == wire::Reader::Got::field)
    fields.emplace_back(text(field.name), text(field.value));
  if (got == wire::Reader::Got::malformed) fields.emplace_back("?", "");
  return fields;
}

const Fields malformed = {{"?", ""}};

}  // namespace

TEST_CASE("a line is the version word, its fields separated by TAB, and LF") {
  CHECK(write({{"a", "1"}, {"b", ""}}) == "checkpass/1\ta=1\tb=\n");
  CHECK(write({}) == "checkpass/1\n");
}

TEST_CASE("every byte of a value survives the wire") {
  std::string all;
  for (int i = 0; i < 256; i++) all += static_cast<char>(i);
  std::string line = write({{"password", all}});
  CHECK(line.back() == '\n');
  line.pop_back();
  CHECK(line.find('\n') == std::string::npos);
  CHECK(line.find('\0') == std::string::npos);
  CHECK(read(line) == Fields{{"password", all}});
}

TEST_CASE("escapes are Dovecot's") {
  const std::string value("\0\1\t\n\r", 5);
  CHECK(write({{"v", value}}) == "checkpass/1\tv=\0010\0011\001t\001n\001r\n");
}

TEST_CASE("a line that does not fit is not written at all") {
  CHECK(write({{"v", std::string(wire::max_line, 'x')}}).empty());
  CHECK(write({{"v", std::string(wire::max_line - 15, 'x')}}).size() == wire::max_line);
  CHECK(write({{"v", std::string(wire::max_line - 14, 'x')}}).empty());
  CHECK(write({{"v", std::string(wire::max_line / 2, '\0')}}).empty());
}

TEST_CASE("another version word is not understood") {
  const Fields none = {{"no version", ""}};
  CHECK(read("checkpass/2\ta=1") == none);
  CHECK(read("checkpass/11\ta=1") == none);
  CHECK(read("checkpass/") == none);
  CHECK(read("") == none);
  CHECK(read("checkpass/1") == Fields{});
}

TEST_CASE("a malformed field is told") {
  CHECK(read("checkpass/1\t") == malformed);
  CHECK(read("checkpass/1\tno-equals") == malformed);
  CHECK(read("checkpass/1\t=nameless") == malformed);
  CHECK(read("checkpass/1\tna me=x") == malformed);
  CHECK(read("checkpass/1\ta=\001x") == malformed);
  CHECK(read("checkpass/1\ta=\001") == malformed);
  CHECK(read("checkpass/1\ta=b\rc") == malformed);
  CHECK(read(std::string("checkpass/1\ta=\0b", 15)) == malformed);
  CHECK(read("checkpass/1\ta=1\t\tb=2") == Fields{{"a", "1"}, {"?", ""}});
}

TEST_CASE("a value may hold equals signs") {
  CHECK(read("checkpass/1\tp=a=b==") == Fields{{"p", "a=b=="}});
}

TEST_CASE("a record for Dovecot is fields ended by TAB, and a lone TAB without fields") {
  char buffer[64];
  wire::Writer empty(buffer, sizeof buffer);
  CHECK(std::string(buffer, empty.record()) == "\t");
  wire::Writer writer(buffer, sizeof buffer);
  writer.add("user", "a\tb");
  CHECK(std::string(buffer, writer.record()) == "user=a\001tb\t");
}
