// Result<T>: a value, or an Error with a text for the admin. Context is added on the way up.
// SPDX-License-Identifier: MIT

#pragma once

#include <optional>
#include <string>
#include <utility>

#include "cached/base/check.h"

namespace base {

struct Error {
  std::string text;  // may have several lines, one problem each (config, lists)
};

template <class T>
class [[nodiscard]] Result {
 public:
  Result(T value) : value_(std::move(value)) {}
  Result(Error error) : error_(std::move(error)) {}

  explicit operator bool() const { return value_.has_value(); }

  const T& operator*() const& { return get(); }
  T& operator*() & { return get(); }
  T operator*() && { return std::move(get()); }  // a value: it may outlive the Result
  const T* operator->() const { return &get(); }
  T* operator->() { return &get(); }

  const Error& error() const {
    check(!value_, "error() of a Result that has a value");
    return error_;
  }

 private:
  const T& get() const {
    check(value_.has_value(), "value of a Result that is an error");
    return *value_;
  }
  T& get() {
    check(value_.has_value(), "value of a Result that is an error");
    return *value_;
  }

  std::optional<T> value_;
  Error error_;
};

struct Done {};
using Status = Result<Done>;  // nothing to return, but it may fail

}  // namespace base
