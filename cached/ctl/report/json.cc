// A sheet as JSON, for other programs: figures by their names, tables as lists of objects.
// SPDX-License-Identifier: MIT

#include <rapidjson/prettywriter.h>
#include <rapidjson/stringbuffer.h>

#include "cached/base/text.h"
#include "cached/ctl/report/sheet.h"

namespace ctl::report {
namespace {

using Writer = rapidjson::PrettyWriter<rapidjson::StringBuffer>;

void add(Writer& writer, std::string_view text) {
  // What is not UTF-8 has no place in JSON (RFC 8259, 8.1).
  const auto valid = base::is_utf8(text) ? std::string(text) : base::printable(text);
  writer.String(valid.data(), static_cast<rapidjson::SizeType>(valid.size()));
}

void add(Writer& writer, const Cell& cell, Kind kind) {
  if (kind == Kind::text) return add(writer, cell.text);
  if (kind == Kind::time && cell.number == 0)
    writer.Null();
  else
    writer.Int64(cell.number);
}

void add(Writer& writer, const Table& table) {
  writer.Key(table.id.c_str());
  writer.StartObject();
  writer.Key("left_out");
  writer.Uint64(table.left_out);
  writer.Key("rows");
  writer.StartArray();
  for (const auto& row : table.rows) {
    writer.StartObject();
    for (std::size_t i = 0; i < row.size(); i++) {
      writer.Key(table.columns[i].id.c_str());
      add(writer, row[i], table.columns[i].kind);
    }
    writer.EndObject();
  }
  writer.EndArray();
  writer.EndObject();
}

template <class Item>
void add_counts(Writer& writer, const Sheet& sheet, const Item& item) {
  for (std::size_t i = 0; i < sheet.series.size(); i++) {
    writer.Key(sheet.series[i].c_str());
    writer.Uint64(item.counts[i]);
  }
}

void add_bars(Writer& writer, const Sheet& sheet) {
  writer.Key("bars");
  writer.StartArray();
  for (const Bar& bar : sheet.bars) {
    writer.StartObject();
    writer.Key("start");
    writer.Int64(bar.start);
    add_counts(writer, sheet, bar);
    writer.EndObject();
  }
  writer.EndArray();
}

void add_points(Writer& writer, const Sheet& sheet) {
  writer.Key("points");
  writer.StartArray();
  for (const MapPoint& point : sheet.points) {
    writer.StartObject();
    writer.Key("latitude");
    writer.Double(point.latitude);
    writer.Key("longitude");
    writer.Double(point.longitude);
    writer.Key("place");
    add(writer, point.place);
    add_counts(writer, sheet, point);
    writer.EndObject();
  }
  writer.EndArray();
}

}  // namespace

std::string write_json(const Sheet& sheet) {
  rapidjson::StringBuffer buffer;
  Writer writer(buffer);
  writer.SetIndent(' ', 1);
  writer.StartObject();
  writer.Key("title");
  add(writer, sheet.title);
  writer.Key("since");
  writer.Int64(sheet.since);
  writer.Key("until");
  writer.Int64(sheet.until);
  writer.Key("figures");
  writer.StartObject();
  for (const Figure& figure : sheet.figures) {
    writer.Key(figure.id.c_str());
    writer.Uint64(figure.number);
  }
  writer.EndObject();
  writer.Key("notes");
  writer.StartArray();
  for (const std::string& note : sheet.notes) add(writer, note);
  writer.EndArray();
  writer.Key("tables");
  writer.StartObject();
  for (const Table& table : sheet.tables) add(writer, table);
  writer.EndObject();
  add_bars(writer, sheet);
  add_points(writer, sheet);
  writer.EndObject();
  return std::string(buffer.GetString(), buffer.GetSize()) + "\n";
}

}  // namespace ctl::report
