// A report as it is written, whatever the format: figures, tables, bars over time, points on a map.
// The writers know nothing of logins.
// SPDX-License-Identifier: MIT

#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "cached/ctl/report/event.h"

namespace ctl::report {

// text: any bytes. count: a number. time: seconds since 1970, 0 for none.
enum class Kind { text, count, time };

struct Column {
  std::string id;     // of JSON
  std::string title;  // for people; may be empty
  Kind kind = Kind::text;
};

struct Cell {
  Cell(std::string value) : text(std::move(value)) {}
  Cell(const char* value) : text(value) {}
  Cell(std::uint64_t value) : number(static_cast<std::int64_t>(value)) {}
  Cell(Seconds value) : number(value) {}

  std::string text;
  std::int64_t number = 0;
  bool marked = false;  // for who reads it: look here
};

struct Table {
  std::string id, title;
  std::string note;  // a sentence below the title, or empty
  std::vector<Column> columns;
  std::vector<std::vector<Cell>> rows;
  std::uint64_t left_out = 0;  // rows that are not here
};

struct Figure {
  std::string id, title;
  std::uint64_t number = 0;
};

// One colour of bars and points, from the lowest.
inline constexpr std::size_t most_series = 4;

struct Bar {
  Seconds start = 0;
  std::uint64_t counts[most_series]{};
};

struct MapPoint {
  double latitude = 0, longitude = 0;  // degrees
  std::uint64_t counts[most_series]{};
  std::string place;
};

inline constexpr std::size_t most_table_rows = 1000;

struct Sheet {
  std::string title;
  Seconds since = 0, until = 0;
  std::vector<Figure> figures;
  std::vector<std::string> notes;   // what the reader must know of what is not here
  std::vector<std::string> series;  // names of the counts of bars and points
  std::vector<Table> tables;
  Calendar::Unit bar = Calendar::Unit::hour;
  std::vector<Bar> bars;         // by time, without holes
  std::vector<MapPoint> points;  // the most frequent first
};

std::string write_text(const Sheet& sheet);
std::string write_json(const Sheet& sheet);
std::string write_html(const Sheet& sheet);

// 2026-11-21 04:06:34 in local time; empty: none.
std::string time_text(Seconds time);
inline constexpr std::size_t to_the_minute = 16;  // of that
// Of what time it is: 2026-11-21 04:06 to 2026-11-22 04:06, CET.
std::string span_text(const Sheet& sheet);

}  // namespace ctl::report
