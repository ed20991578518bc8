// The operator's door: what is a request, and what an answer looks like.
// SPDX-License-Identifier: MIT

#include "cached/server/control.h"

#include <doctest/doctest.h>

namespace {

// The words with | between them, or the error.
std::string read(std::string line) {
  const auto words = server::parse_words(line.data(), line.size());
  if (!words) return "error: " + words.error().text;
  std::string out;
  for (const std::string& word : *words) out += (out.empty() ? "" : "|") + word;
  return out;
}

}  // namespace

TEST_CASE("a request is words, unescaped") {
  CHECK(read("checkpass/1\tword=reload") == "reload");
  CHECK(read("checkpass/1\tword=explain\tword=--user\tword=a\001tb c=d\tword=") ==
        "explain|--user|a\tb c=d|");
}

TEST_CASE("what is no request is told") {
  CHECK(read("") == "error: the line does not begin with checkpass/1");
  CHECK(read("reload") == "error: the line does not begin with checkpass/1");
  for (const char* line :
       {"checkpass/1", "checkpass/1\trequest=auth\tuser=a", "checkpass/1\treload",
        "checkpass/1\tword=a\001x", "checkpass/1\tword=a\tother=b"})
    CHECK(read(line) == "error: the line must have words and nothing else");
}

TEST_CASE("an answer has its status in the first line") {
  CHECK(server::answer_text({0, "reloaded\n"}) == "checkpass/1\tstatus=0\nreloaded\n");
  CHECK(server::answer_text({1, ""}) == "checkpass/1\tstatus=1\n");
}
