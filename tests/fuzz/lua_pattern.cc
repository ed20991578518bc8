// Fuzz target: a Lua pattern, a NUL and a text. What real Lua says, Patterns must say; a pattern
// that Lua stumbles over must have been refused.
// SPDX-License-Identifier: MIT

#include <lua5.4/lauxlib.h>
#include <lua5.4/lua.h>
#include <lua5.4/lualib.h>
#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include "cached/base/check.h"
#include "cached/rules/patterns.h"

namespace {

struct Close {
  void operator()(lua_State* state) const { lua_close(state); }
};

// As badclients did it: string.match returns the text. Nothing when it raises an error.
std::optional<bool> lua_matches(std::string_view pattern, std::string_view text) {
  const std::unique_ptr<lua_State, Close> state(luaL_newstate());
  lua_State* const lua = state.get();
  luaL_requiref(lua, "string", luaopen_string, 0);
  lua_getfield(lua, -1, "match");
  lua_pushlstring(lua, text.data(), text.size());
  lua_pushlstring(lua, pattern.data(), pattern.size());
  if (lua_pcall(lua, 2, 1, 0) != LUA_OK) return std::nullopt;
  if (lua_type(lua, -1) != LUA_TSTRING) return false;  // nil, or a position
  std::size_t length = 0;
  const char* result = lua_tolstring(lua, -1, &length);
  return std::string_view(result, length) == text;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const auto end = std::min(input.find('\0'), size);
  const std::string_view pattern = input.substr(0, end);
  const std::string_view text = input.substr(std::min(end + 1, size));
  // Lua tries every way to divide the text among the repetitions.
  const auto repetitions = std::count_if(pattern.begin(), pattern.end(), [](char c) {
    return std::string_view("*+-?").find(c) != std::string_view::npos;
  });
  if (repetitions > 6 || pattern.size() > 200 || text.size() > 24) return 0;

  static const std::vector<rules::Rule> one(1);
  static_cast<void>(rules::warning(pattern, rules::Syntax::lua));
  for (const auto letters : {rules::Patterns::Case::matters, rules::Patterns::Case::ignored}) {
    rules::Patterns patterns(letters);
    if (!patterns.add(pattern, rules::Syntax::lua, 0)) return 0;
    static_cast<void>(static_cast<bool>(patterns.build()));
    const bool found = patterns.find(text, rules::Live(one, 0)).has_value();
    if (letters == rules::Patterns::Case::ignored) return 0;
    const auto expected = lua_matches(pattern, text);
    base::check(expected.has_value(), "a pattern that Lua stumbles over is refused");
    base::check(found == *expected, "what Lua says");
  }
  return 0;
}
