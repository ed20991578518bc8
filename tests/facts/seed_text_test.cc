// The lines of a file, plain or compressed.
// SPDX-License-Identifier: MIT

#include "cached/facts/seed_text.h"

#include <doctest/doctest.h>

#include <vector>

#include "tests/facts/seed_files.h"

namespace {

std::vector<std::string> lines_of(facts::SeedText& text) {
  std::vector<std::string> lines;
  std::string_view line;
  while (text.next(line)) lines.emplace_back(line);
  return lines;
}

std::string compressed(const std::string& text) {
  z_stream stream{};
  deflateInit2(&stream, 9, Z_DEFLATED, 15 + 16, 9, Z_DEFAULT_STRATEGY);  // 16: as gzip writes it
  std::string out(compressBound(text.size()) + 32, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

}  // namespace

TEST_CASE("lines come without their ends, and those of millions of bytes too") {
  auto few = seed_files::text_of("a\r\n\nb c\n");
  CHECK(lines_of(few) == std::vector<std::string>{"a", "", "b c"});
  CHECK(few.errors() == "");
  std::string text;
  for (int i = 0; i < 200'000; i++) text += std::to_string(i) + "\n";
  for (const auto& form : {text, compressed(text)}) {
    auto many = seed_files::text_of(form);
    const auto lines = lines_of(many);
    REQUIRE(lines.size() == 200'000);
    for (std::size_t i = 0; i < lines.size(); i++) REQUIRE(lines[i] == std::to_string(i));
    CHECK(many.line() == 200'000);
    CHECK(many.errors() == "");
  }
}

TEST_CASE("a file whose last line has no end was cut short") {
  auto text = seed_files::text_of("a\nb");
  CHECK(lines_of(text) == std::vector<std::string>{"a"});
  CHECK(text.errors() == "x:2: its end is missing: the file was cut short\n");
}

TEST_CASE("a compressed file that was cut short, or damaged, is an error") {
  std::string plain;
  for (int i = 0; i < 1000; i++) plain += std::to_string(i * i) + "\n";
  const auto whole = compressed(plain);
  for (const std::size_t cut :
       {std::size_t{1}, std::size_t{8}, whole.size() / 2, whole.size() - 3}) {
    CAPTURE(cut);
    auto text = seed_files::text_of(whole.substr(0, whole.size() - cut));
    lines_of(text);
    CHECK(text.errors().find("x") == 0);
  }
  for (const std::size_t place : {std::size_t{12}, whole.size() / 2, whole.size() - 2}) {
    auto damaged = whole;
    damaged[place] ^= 0x55;
    auto text = seed_files::text_of(damaged);
    lines_of(text);
    CHECK(text.errors().find("x") == 0);
  }
}

TEST_CASE("a line that has no end in sight is an error, in little memory") {
  auto text = seed_files::text_of("a\n" + std::string(1 << 20, 'b') + "\n");
  CHECK(lines_of(text) == std::vector<std::string>{"a"});
  CHECK(text.errors() == "x:2: longer than 65536 bytes\n");
}
