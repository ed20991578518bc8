// List files: comments, dates, directories, and every error with its line.
// SPDX-License-Identifier: MIT

#include "cached/rules/list_file.h"

#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "cached/base/text.h"

namespace {

using rules::Comments;

// `line: text` of each entry, then the errors.
std::string read(const std::string& text, Comments comments = Comments::behind_anything) {
  const rules::ListText list{{"x.lst", {}}, text};
  rules::Lines lines(list, comments);
  rules::Entry entry;
  std::string out;
  while (lines.next(entry)) {
    out += base::cat(entry.line, ": ", entry.text);
    if (!entry.reason.empty()) out += base::cat(" reason=", entry.reason);
    if (entry.until != rules::for_ever) out += base::cat(" until=", entry.until);
    out += "\n";
  }
  return out + lines.errors();
}

struct Directory {
  std::string path = "/tmp/lists-XXXXXX";
  Directory() { REQUIRE(mkdtemp(path.data())); }
  ~Directory() { std::filesystem::remove_all(path); }
  std::string write(const std::string& name, const std::string& text, mode_t mode = 0644) const {
    const std::string file = base::cat(path, "/", name);
    std::ofstream(file) << text;
    chmod(file.c_str(), mode);
    return file;
  }
};

std::string error_of(const std::string& path) {
  const auto lists = rules::read_lists(path);
  return lists ? "" : lists.error().text;
}

}  // namespace

TEST_CASE("a file of any editor is read: CRLF, byte order mark, no end of line") {
  CHECK(read("\xef\xbb\xbf# head\r\nAS1\r\n\r\n  AS2\t\r\nAS3") == "2: AS1\n4: AS2\n5: AS3\n");
}

TEST_CASE("comments begin with # ; or --, also indented ones") {
  CHECK(read("#a\n;b\n--c\n  #d\n\t;e\n  --f\ng\n") == "7: g\n");
}

TEST_CASE("B12 text behind # is a comment, but in a pattern only until= and reason= are") {
  CHECK(read("NL # Netherlands\nDE#Germany\n") == "1: NL\n2: DE\n");
  CHECK(read("a # b\nc#d\n", Comments::behind_pattern) == "1: a # b\n2: c#d\n");
  CHECK(read("a#until=x # reason=b\n", Comments::behind_pattern) == "1: a#until=x reason=b\n");
}

TEST_CASE("an entry has an end and a reason") {
  CHECK(read("a # until=2027-01-31 reason=for a while, until=later\n") ==
        "1: a reason=for a while, until=later until=1801440000\n");
  CHECK(read("a # seen in May until=2027-01-31T00:00:01Z\n") == "1: a until=1801353601\n");
}

TEST_CASE("an end behind the reason would be lost in it: an error") {
  CHECK(read("a # reason=for a while until=2027-01-31\n") ==
        "x.lst:1: until= must stand before reason=\n");
}

TEST_CASE("a bad end is an error with its line, and the entry is not taken for one without") {
  for (const char* bad : {"2027-13-01", "2027-02-29", "tomorrow", "", "2027-01-31T25:00:00Z",
                          "2027-01-31x", "1901-01-01", "9999-01-01"}) {
    CAPTURE(bad);
    CHECK(read(base::cat("\na # until=", bad, "\nb\n")).starts_with("3: b\nx.lst:2: until="));
  }
}

TEST_CASE("lines that cannot be understood are errors") {
  CHECK(read(std::string("a\0b\n", 4)) == "x.lst:1: has a NUL byte\n");
  CHECK(read(std::string(5000, 'a')) == "x.lst:1: longer than 4096 bytes\n");
  CHECK(read("a\n#!syntax lua\n") == "1: a\nx.lst:2: #!syntax must stand before the first entry\n");
  CHECK(read("#!syntax perl\n") ==
        "x.lst:1: not understood; it may say #!syntax regex, lua or prefix\n");
}

TEST_CASE("very many errors do not fill the log") {
  std::string text;
  for (int i = 0; i < 1000; i++) text += "a # until=x\n";
  const auto errors = read(text);
  CHECK(std::count(errors.begin(), errors.end(), '\n') == 101);
  CHECK(errors.ends_with("x.lst: and more\n"));
}

TEST_CASE("a directory is its *.lst files in the order of their names") {
  const Directory directory;
  directory.write("b.lst", "b");
  directory.write("a.lst", "a");
  directory.write("a.lst~", "no");
  directory.write(".hidden.lst", "no");
  const auto lists = rules::read_lists(directory.path);
  REQUIRE(lists);
  REQUIRE(lists->size() == 2);
  CHECK((*lists)[0].text == "a");
  CHECK((*lists)[1].file.path == directory.path + "/b.lst");
}

TEST_CASE("a list that cannot be read is an error that names it") {
  const Directory directory;
  CHECK(error_of(directory.path + "/none.lst") ==
        directory.path + "/none.lst: cannot open: No such file or directory\n");
  CHECK(error_of(directory.path) == directory.path + ": there is no *.lst in this directory");
  const auto open = directory.write("open.lst", "a", 0666);
  CHECK(error_of(open) == open + ": refused, everybody can write to it\n");
  CHECK(error_of("/dev/null") == "/dev/null: not a plain file\n");
}

TEST_CASE("files that were not written to since are known again, but not those of just now") {
  const auto old = rules::read_lists("Makefile");
  REQUIRE(old);
  std::vector files = {old->front().file};
  CHECK(rules::are_unchanged("Makefile", files));
  CHECK_FALSE(rules::are_unchanged("LICENSE", files));
  CHECK_FALSE(rules::are_unchanged("Makefile", {}));
  REQUIRE(files[0].version);
  files[0].version->changed.tv_nsec ^= 1;
  CHECK_FALSE(rules::are_unchanged("Makefile", files));

  const Directory directory;
  const auto path = directory.write("new.lst", "a");
  const auto young = rules::read_lists(path);
  REQUIRE(young);
  CHECK_FALSE(rules::are_unchanged(path, {young->front().file}));
}
