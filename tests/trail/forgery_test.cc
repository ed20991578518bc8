// Nobody forges a line or a field: whatever the texts are, every form of the audit line is read
// back as just these. The fuzzer tests/fuzz/audit.cc does the same with other texts.
// SPDX-License-Identifier: MIT

#include <doctest/doctest.h>

#include <random>

#include "cached/base/text.h"
#include "tests/trail/forged.h"

namespace {

using Texts = std::vector<std::string>;

void check_forms(const Texts& text) {
  const auto all = forged::made_of(text);
  CHECK(forged::wrong_in_line(all, text) == "");
  CHECK(forged::wrong_in_json(all, text) == "");
  CHECK(forged::wrong_in_journal(all, text) == "");
}

// What means something somewhere, and what is not UTF-8: cut short, too long, a surrogate.
constexpr const char* pieces[] = {"<",
                                  ">",
                                  ",",
                                  ", ",
                                  "=",
                                  "\\",
                                  "\\x41",
                                  "\"",
                                  "'",
                                  "\n",
                                  "\r",
                                  "\t",
                                  "\x1b[2J",
                                  "\x7f",
                                  "None",
                                  "null",
                                  "<>",
                                  "user=",
                                  "blocked=",
                                  "result=permit",
                                  "{",
                                  "}",
                                  "[",
                                  "]",
                                  "\xc3\xa4",
                                  "\xc3",
                                  "\xa4",
                                  "\xc0\xaf",
                                  "\xed\xa0\x80",
                                  "\xf4\x90\x80\x80",
                                  "\xc2\x85",
                                  "\xe2\x80\xa8",
                                  "a",
                                  "Z",
                                  "0",
                                  " ",
                                  "\\u0041",
                                  "\\n",
                                  "True",
                                  "mail-audit: ",
                                  "; "};

}  // namespace

TEST_CASE("whatever the texts are, they are read back from line, journal and JSON") {
  std::mt19937 random(20261122);
  for (int round = 0; round < 3000; round++) {
    Texts text(forged::texts);
    for (std::string& one : text)
      for (auto left = random() % 5; left > 0; left--) {
        const auto which = random() % (std::size(pieces) + 1);
        one += which == std::size(pieces) ? std::string(1, static_cast<char>(random()))
                                          : std::string(pieces[which]);
      }
    CAPTURE(round);
    check_forms(text);
  }
}

TEST_CASE("every byte, by itself, is read back from line, journal and JSON") {
  for (int byte = 0; byte < 256; byte++) {
    CAPTURE(byte);
    check_forms(Texts(forged::texts, std::string(1, static_cast<char>(byte))));
  }
}

TEST_CASE("who is called None is not taken for what is not known") {
  check_forms(Texts(forged::texts, "None"));
  const auto all = forged::made_of(Texts(forged::texts, "None"));
  const std::string line = trail::audit_line(all.attempt());
  CHECK(line.starts_with("user=<None>, service=\\x4eone, ip=\\x4eone, host=\\x4eone, asn=None, "));
  CHECK(line.find("net_name=<\\x4eone>, ") != std::string::npos);
  check_forms(Texts(forged::texts, "<>"));
}
