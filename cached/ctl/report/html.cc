// A sheet as one page of HTML that needs nothing else: pictures as SVG, style and script inside.
// Only this script may run (Content-Security-Policy), and every text is escaped.
// SPDX-License-Identifier: MIT

#include <openssl/evp.h>
#include <algorithm>

#include "cached/base/text.h"
#include "cached/ctl/report/drawing.h"
#include "cached/ctl/report/sheet.h"

namespace ctl::report {
namespace {

using base::cat;

constexpr std::string_view style =
#include "report_css.inc"
    ;
constexpr std::string_view script =
#include "report_js.inc"
    ;

// sha256-..., as the policy names what it lets run.
std::string hash_of(std::string_view text) {
  unsigned char digest[EVP_MAX_MD_SIZE], encoded[EVP_MAX_MD_SIZE * 2];
  unsigned size = 0;
  EVP_Digest(text.data(), text.size(), digest, &size, EVP_sha256(), nullptr);
  const int length = EVP_EncodeBlock(encoded, digest, static_cast<int>(size));
  return cat("sha256-",
             std::string(reinterpret_cast<char*>(encoded), static_cast<std::size_t>(length)));
}

std::string head_of(const Sheet& sheet) {
  return cat("<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n",
             "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
             "style-src 'unsafe-inline'; script-src '",
             hash_of(script), "'\">\n",
             "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>",
             html(sheet.title), "</title>\n<style>", style, "</style>\n</head>\n<body>\n");
}

// 1234567 with narrow blanks between thousands.
std::string grouped(std::int64_t number) {
  auto text = std::to_string(number);
  const std::size_t first = number < 0 ? 1 : 0;
  for (std::size_t at = text.size(); at > first + 3;) text.insert(at -= 3, "\u202f");
  return text;
}

std::string header_of(const Sheet& sheet) {
  auto out = cat("<header><h1>", html(sheet.title), "</h1>\n<p>", html(span_text(sheet)),
                 "</p></header>\n<div class=\"figures\">\n");
  for (const Figure& figure : sheet.figures)
    out += cat("<div class=\"figure ", html(figure.id), figure.number ? "" : " zero", "\"><b>",
               grouped(static_cast<std::int64_t>(figure.number)), "</b><span>", html(figure.title),
               "</span></div>\n");
  out += "</div>\n";
  for (const std::string& note : sheet.notes)
    out += cat("<p class=\"note\">", html(note), "</p>\n");
  return out;
}

// To the tables that have something to tell.
std::string links_of(const Sheet& sheet) {
  std::string out = "<nav>";
  for (const Table& table : sheet.tables)
    if (!table.rows.empty())
      out +=
          cat("<a href=\"#", html(table.id), "\">", html(table.title), " <b>",
              grouped(static_cast<std::int64_t>(table.rows.size() + table.left_out)), "</b></a>\n");
  return out + "</nav>\n";
}

// The colours that are there.
std::string key_of(const Sheet& sheet) {
  std::string out = "<span class=\"key\">";
  for (std::size_t i = 0; i < sheet.series.size(); i++) {
    if (std::none_of(sheet.bars.begin(), sheet.bars.end(),
                     [i](const Bar& bar) { return bar.counts[i] > 0; }))
      continue;
    auto name = sheet.series[i];
    std::replace(name.begin(), name.end(), '_', ' ');
    out += cat("<i class=\"s", i, "\"></i>", html(name));
  }
  return out + "</span>";
}

std::string cell_of(const Cell& cell, Kind kind) {
  if (kind == Kind::count)
    return cat("<td class=\"n", cell.number ? "" : " zero", "\" data-n=\"", cell.number, "\">",
               grouped(cell.number), "</td>");
  if (kind == Kind::time)
    return cat("<td class=\"t\" data-n=\"", cell.number, "\" title=\"", time_text(cell.number),
               "\">", time_text(cell.number).substr(0, to_the_minute), "</td>");
  return cat(cell.marked ? "<td class=\"marked\">" : "<td>", html(cell.text), "</td>");
}

std::string table_of(const Table& table) {
  auto out = cat("<section id=\"", html(table.id), "\"><h2>", html(table.title), "</h2>");
  if (table.rows.empty()) return out + "<span class=\"none\">none</span></section>\n";
  if (!table.note.empty()) out += cat("<p>", html(table.note), "</p>");
  out += "\n<div class=\"scroll\" tabindex=\"0\"><table>\n<thead><tr>";
  for (const Column& column : table.columns)
    out += cat("<th", column.kind == Kind::count ? " class=\"n\"" : "", ">", html(column.title),
               "</th>");
  out += "</tr></thead>\n<tbody>\n";
  for (const auto& row : table.rows) {
    out += "<tr>";
    for (std::size_t i = 0; i < row.size(); i++) out += cell_of(row[i], table.columns[i].kind);
    out += "</tr>\n";
  }
  out += "</tbody></table></div>\n";
  if (table.left_out)
    out += cat("<p class=\"more\">and ", grouped(static_cast<std::int64_t>(table.left_out)),
               " more</p>");
  return out + "</section>\n";
}

}  // namespace

std::string write_html(const Sheet& sheet) {
  auto out = cat(head_of(sheet), header_of(sheet), links_of(sheet), "<section><h2>Where from</h2>",
                 key_of(sheet), "<div class=\"map\">", draw_map(sheet),
                 "</div></section>\n<section><h2>When</h2>", key_of(sheet),
                 "<div class=\"bars\" tabindex=\"0\">", draw_bars(sheet), "</div></section>\n");
  for (const Table& table : sheet.tables) out += table_of(table);
  out += cat("<footer>Made by cachedctl. Land: Natural Earth.</footer>\n<script>", script,
             "</script>\n</body>\n</html>\n");
  return out;
}

}  // namespace ctl::report
