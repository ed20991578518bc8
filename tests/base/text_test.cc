// Numbers, words, and text that is safe in a log.
// SPDX-License-Identifier: MIT

#include "cached/base/text.h"

#include <doctest/doctest.h>

TEST_CASE("a number is the whole text or none") {
  CHECK(base::parse_number<int>("42") == 42);
  CHECK(base::parse_number<int>("-1") == -1);
  CHECK(!base::parse_number<int>(""));
  CHECK(!base::parse_number<int>(" 42"));
  CHECK(!base::parse_number<int>("42x"));
  CHECK(!base::parse_number<std::int8_t>("300"));
}

TEST_CASE("words are split at blanks, TABs and commas") {
  using Words = std::vector<std::string_view>;
  CHECK(base::split_words(" a, b\tc,,d ") == Words{"a", "b", "c", "d"});
  CHECK(base::split_words(" , ") == Words{});
}

TEST_CASE("text for the log cannot forge a field or a line") {
  CHECK(base::printable("alice") == "alice");
  CHECK(base::printable("a>, ip=1.2.3.4\nb<") == "a\\x3e, ip=1.2.3.4\\x0ab\\x3c");
  CHECK(base::printable("back\\slash") == "back\\x5cslash");
  CHECK(base::printable(std::string_view("nul\0", 4)) == "nul\\x00");
}

TEST_CASE("text for the log keeps UTF-8 and shows other bytes in hex") {
  CHECK(base::printable("J\xc3\xbcrgen \xf0\x9f\x90\xb4") == "J\xc3\xbcrgen \xf0\x9f\x90\xb4");
  CHECK(base::printable("\xfc") == "\\xfc");
  CHECK(base::printable("\xc0\xaf") == "\\xc0\\xaf");           // overlong
  CHECK(base::printable("\xed\xa0\x80") == "\\xed\\xa0\\x80");  // a surrogate
  CHECK(base::printable("\xe2\x82") == "\\xe2\\x82");           // cut
  CHECK(base::printable("\xc2\x9b") == "\\xc2\\x9b");           // U+009B: a terminal's CSI
}

TEST_CASE("UTF-8 is told from what is none") {
  for (const char* good : {"", "alice", "corp\\alice", "a<b", "j\xc3\xbcrgen", "\xef\xbd\x81lice"})
    CHECK_MESSAGE(base::is_utf8(good), good);
  for (const char* bad : {"\xff", "j\xfcrgen", "\xc3", "\xc0\xaf", "\xed\xa0\x80"})
    CHECK(!base::is_utf8(bad));
  CHECK(base::is_ascii("alice\x7f"));
  CHECK(!base::is_ascii("j\xc3\xbcrgen"));
}

TEST_CASE("the first characters of a text are counted as such, and never cut in two") {
  using base::first_characters;
  CHECK(first_characters("abc", 2) == "ab");
  CHECK(first_characters("abc", 3) == "abc");
  CHECK(first_characters("", 3) == "");
  CHECK(first_characters("äöü", 2) == "äö");
  CHECK(first_characters("a€😀b", 3) == "a€😀");
  CHECK(first_characters("a€😀b", 0) == "");
  CHECK(base::ascii_of("a€😀b") == "a??b");
}
