// A sheet as plain text, for a terminal and a mail: tables of columns, as the predecessor's were.
// SPDX-License-Identifier: MIT

#include <ctime>

#include "cached/base/text.h"
#include "cached/ctl/report/sheet.h"

namespace ctl::report {
namespace {

using base::cat;

constexpr std::size_t widest = 60;  // columns of a cell, but for the last of a row

// Of UTF-8, how many characters; all are taken for one column wide.
std::size_t width_of(std::string_view text) {
  std::size_t width = 0;
  for (const char c : text) width += (static_cast<unsigned char>(c) & 0xc0) != 0x80;
  return width;
}

// Control bytes out, so that no user's name moves the cursor. < and > are harmless here.
std::string harmless(std::string_view text) {
  std::string out;
  for (; !text.empty(); text.remove_prefix(1)) {
    const bool plain = text.front() == '<' || text.front() == '>';
    const auto end = plain ? 1 : std::min(text.find_first_of("<>"), text.size());
    out += plain ? std::string(text.substr(0, 1)) : base::printable(text.substr(0, end));
    text.remove_prefix(end - 1);
  }
  return out;
}

std::string cell_text(const Cell& cell, Kind kind, bool last) {
  if (kind == Kind::count) return std::to_string(cell.number);
  if (kind == Kind::time) return time_text(cell.number).substr(0, to_the_minute);
  auto text = cat(cell.marked ? "!" : "", harmless(cell.text));
  if (last || width_of(text) <= widest) return text;
  std::size_t end = 0;
  for (std::size_t n = 0; n < widest - 2; n++)
    while ((static_cast<unsigned char>(text[++end]) & 0xc0) == 0x80) continue;
  return text.substr(0, end) + "..";
}

void add_padded(std::string& line, const std::string& text, std::size_t width, bool right) {
  const std::string blanks(width - std::min(width, width_of(text)), ' ');
  line += " " + (right ? blanks + text : text + blanks);
}

void add_table(std::string& out, const Table& table) {
  out += cat("\n", table.title, table.rows.empty() ? ": none\n" : "\n");
  if (table.rows.empty()) return;
  if (!table.note.empty()) out += cat(" (", table.note, ")\n");
  std::vector<std::vector<std::string>> lines(1);
  for (const Column& column : table.columns) lines[0].push_back(column.title);
  for (const auto& row : table.rows) {
    auto& line = lines.emplace_back();
    for (std::size_t i = 0; i < row.size(); i++)
      line.push_back(cell_text(row[i], table.columns[i].kind, i + 1 == row.size()));
  }
  std::vector<std::size_t> widths(table.columns.size());
  for (const auto& line : lines)
    for (std::size_t i = 0; i < line.size(); i++)
      widths[i] = std::max(widths[i], width_of(line[i]));
  for (const auto& line : lines) {
    std::string text;
    for (std::size_t i = 0; i < line.size(); i++)
      if (widths[i] > 0) add_padded(text, line[i], widths[i], table.columns[i].kind == Kind::count);
    text.erase(text.find_last_not_of(' ') + 1);
    out += text + "\n";
  }
  if (table.left_out) out += cat(" ... and ", table.left_out, " more\n");
}

}  // namespace

std::string time_text(Seconds time) {
  if (time == 0) return {};
  const std::time_t seconds = time;
  std::tm parts{};
  localtime_r(&seconds, &parts);
  char text[64];
  return {text, std::strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S", &parts)};
}

std::string span_text(const Sheet& sheet) {
  const std::time_t until = sheet.until;
  std::tm parts{};
  localtime_r(&until, &parts);
  return cat(time_text(sheet.since).substr(0, to_the_minute), " to ",
             time_text(sheet.until).substr(0, to_the_minute), parts.tm_zone ? ", " : "",
             parts.tm_zone ? parts.tm_zone : "");
}

std::string write_text(const Sheet& sheet) {
  auto out = cat(sheet.title, ", ", span_text(sheet), "\n\n");
  std::size_t width = 0;
  for (const Figure& figure : sheet.figures)
    width = std::max(width, std::to_string(figure.number).size());
  for (const Figure& figure : sheet.figures) {
    add_padded(out, std::to_string(figure.number), width, true);
    out += cat(" ", figure.title, "\n");
  }
  for (const std::string& note : sheet.notes) out += cat("\nNote: ", harmless(note), "\n");
  for (const Table& table : sheet.tables) add_table(out, table);
  return out;
}

}  // namespace ctl::report
