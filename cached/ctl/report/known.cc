// See known.h. libyaml tells one event after another; we keep where in the file we are.
// SPDX-License-Identifier: MIT

#include "cached/ctl/report/known.h"

#include <yaml.h>
#include <fstream>
#include <sstream>

#include "cached/base/text.h"

namespace ctl::report {
namespace {

using base::cat;
using base::Error;
using base::Result;

constexpr std::size_t longest_file = 16 << 20;

// The keys at the outermost level, and what becomes of a text (and of a key and its text) below.
class Builder {
 public:
  explicit Builder(Known& known) : known_(known) {}

  void open(bool is_map) {
    stack_.push_back({is_map, false});
    key_.clear();
  }
  void close() {
    stack_.pop_back();
    value_was_taken();
  }
  void text(std::string_view text) {
    if (stack_.empty()) return;
    auto& level = stack_.back();
    if (level.is_map && !level.has_key) {
      (stack_.size() == 1 ? section_ : key_) = text;
      level.has_key = true;
      return;
    }
    if (section_ == "KNOWN_GOOD_ASNS" && !level.is_map) known_.systems.insert(system(text));
    if (section_ == "KNOWN_DNS_SUFF" && !level.is_map) known_.suffixes.insert(suffix(text));
    if (section_ == "AS_COMMENTS" && level.is_map && stack_.size() > 1)
      known_.comments[system(key_)] = text;
    value_was_taken();
  }

 private:
  struct Level {
    bool is_map, has_key;
  };
  static std::string system(std::string_view text) {
    return base::parse_number<std::uint32_t>(text) ? cat("AS", text) : std::string(text);
  }
  static std::string suffix(std::string_view text) {
    while (text.starts_with('.')) text.remove_prefix(1);
    return base::lower(text);
  }
  void value_was_taken() {
    if (!stack_.empty()) stack_.back().has_key = false;
  }

  Known& known_;
  std::vector<Level> stack_;
  std::string section_, key_;
};

struct Parser : yaml_parser_t {
  Parser() { yaml_parser_initialize(this); }
  ~Parser() { yaml_parser_delete(this); }
};

std::string_view view(const yaml_event_t& event) {
  const auto& scalar = event.data.scalar;
  return {reinterpret_cast<const char*>(scalar.value), scalar.length};
}

}  // namespace

bool Known::has_host(std::string_view host) const {
  const std::string name = base::lower(host);
  for (std::size_t at = 0; !name.empty(); at++) {
    if (suffixes.contains(std::string_view(name).substr(at))) return true;
    at = name.find('.', at);
    if (at == std::string::npos) break;
  }
  return false;
}

Result<Known> parse_known(std::string_view text, const std::string& path) {
  Known known;
  Builder builder(known);
  Parser parser;
  yaml_parser_set_input_string(&parser, reinterpret_cast<const unsigned char*>(text.data()),
                               text.size());
  yaml_event_t event;
  for (bool more = true; more; yaml_event_delete(&event)) {
    if (!yaml_parser_parse(&parser, &event))
      return Error{cat(path, ":", parser.problem_mark.line + 1, ": ",
                       parser.problem ? parser.problem : "cannot be read")};
    if (event.type == YAML_SCALAR_EVENT) builder.text(view(event));
    if (event.type == YAML_ALIAS_EVENT) builder.text("");
    if (event.type == YAML_SEQUENCE_START_EVENT || event.type == YAML_MAPPING_START_EVENT)
      builder.open(event.type == YAML_MAPPING_START_EVENT);
    if (event.type == YAML_SEQUENCE_END_EVENT || event.type == YAML_MAPPING_END_EVENT)
      builder.close();
    more = event.type != YAML_STREAM_END_EVENT;
  }
  return known;
}

Result<Known> load_known(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  if (file) text << file.rdbuf();
  if (!file) return Error{cat(path, ": cannot be read")};
  const auto content = text.str();
  if (content.size() > longest_file) return Error{cat(path, ": longer than ", longest_file)};
  return parse_known(content, path);
}

}  // namespace ctl::report
