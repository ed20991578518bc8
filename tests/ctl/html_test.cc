// The page of the report: escaping, the map, and what may run on it.
// SPDX-License-Identifier: MIT

#include <doctest/doctest.h>

#include "cached/ctl/report/drawing.h"

namespace {

using namespace ctl::report;

// Nobody who chooses these may write markup.
constexpr const char* hostile[] = {
    "<script>alert(1)</script>",
    "\"><img src=x onerror=alert(1)>",
    "' onmouseover='alert(1)",
    "</title><script>",
    "</style><script>",
    "<!--",
    "]]>",
    "&lt;script&gt;",
    "javascript:alert(1)",
};

Sheet sheet_with(const std::string& text) {
  Sheet sheet;
  sheet.title = text;
  sheet.figures = {{text, text, 1}};
  sheet.notes = {text};
  sheet.series = {"let_in"};
  sheet.tables = {
      {text, text, text, {{"a", text}, {"b", "b", Kind::count}}, {{text, Seconds{3}}}, 1}};
  sheet.bars = {{3600, {5}}};
  sheet.points = {{51, 13, {5}, text}};
  return sheet;
}

std::size_t count(const std::string& text, std::string_view what) {
  std::size_t number = 0;
  for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + 1)) number++;
  return number;
}

}  // namespace

TEST_CASE("whatever a name is, the page has the same elements") {
  const auto harmless = write_html(sheet_with("name"));
  for (const char* name : hostile) {
    CAPTURE(name);
    const auto page = write_html(sheet_with(name));
    CHECK(count(page, "<") == count(harmless, "<"));
    CHECK(count(page, ">") == count(harmless, ">"));
    CHECK(count(page, "\"") == count(harmless, "\""));
    CHECK(count(page, "'") == count(harmless, "'"));
  }
}

TEST_CASE("text is escaped for elements and attributes, and bytes are told") {
  CHECK(html("a<b>&\"c'") == "a&lt;b&gt;&amp;&quot;c&#39;");
  CHECK(html("m\xc3\xbcller") == "m\xc3\xbcller");
  CHECK(html(std::string_view("\xff\x00\x1b", 3)) == "\\xff\\x00\\x1b");
  CHECK(html("back\\slash") == "back\\x5cslash");
  CHECK(html("").empty());
}

TEST_CASE("the page needs nothing from elsewhere, and only its own script may run") {
  const auto page = write_html(sheet_with("name"));
  CHECK(page.find("default-src 'none'") != std::string::npos);
  CHECK(page.find("script-src 'sha256-") != std::string::npos);
  CHECK(count(page, "<script") == 1);
  CHECK(page.find("http://") == std::string::npos);
  CHECK(page.find("https://") == std::string::npos);
  CHECK(page.find("url(") == std::string::npos);
  CHECK(page.find("src=") == std::string::npos);
}

TEST_CASE("the map is the whole world without Antarctica, east to the right, north above") {
  CHECK(project(0, -180).x == doctest::Approx(0));
  CHECK(project(0, 180).x == doctest::Approx(1000));
  CHECK(project(0, 0).x == doctest::Approx(500));
  CHECK(project(84, 0).y == doctest::Approx(0));
  CHECK(project(51, 13).y < project(0, 13).y);
  CHECK(project(60, 90).x < project(0, 90).x);  // meridians come together
  const auto map = draw_map(sheet_with("Dresden"));
  CHECK(count(map, "M") > 200);
  CHECK(map.find("<title>Dresden: 5 let in</title>") != std::string::npos);
}

TEST_CASE(
    "large numbers are easy to read, marks are no part of a text, links lead to what is there") {
  Sheet sheet = sheet_with("x");
  sheet.figures = {{"many", "many", 1234567}, {"some", "some", 999}, {"none", "none", 0}};
  sheet.tables.push_back({"empty", "Empty", "", {}, {}, 0});
  sheet.tables[0].rows[0][0].marked = true;
  const auto page = write_html(sheet);
  CHECK(page.find("<b>1\u202f234\u202f567</b>") != std::string::npos);
  CHECK(page.find("<b>999</b>") != std::string::npos);
  CHECK(page.find("class=\"figure none zero\"><b>0</b>") != std::string::npos);
  CHECK(page.find("<td class=\"marked\">x</td>") != std::string::npos);
  CHECK(count(page, "<a href=") == 1);
  CHECK(write_text(sheet).find("!x") != std::string::npos);
  CHECK(write_json(sheet).find("!x") == std::string::npos);
}

TEST_CASE("a sheet with nothing in it is a page too") {
  const auto page = write_html(Sheet());
  CHECK(page.ends_with("</html>\n"));
  CHECK(page.find("nan") == std::string::npos);
}
