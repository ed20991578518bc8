// Equal values, of which there are many, take memory once.
// SPDX-License-Identifier: MIT

#pragma once

#include <memory>
#include <unordered_map>
#include <utility>

namespace facts {

// `Hash` of a const T&. It must outlive what it returned.
template <class T, class Hash>
class Pool {
 public:
  std::shared_ptr<const T> share(T value) {
    if (const auto known = all_.find(&value); known != all_.end()) return known->second.lock();
    std::shared_ptr<const T> shared(new T(std::move(value)), [this](const T* gone) {
      all_.erase(gone);
      delete gone;
    });
    all_.emplace(shared.get(), shared);
    return shared;
  }

  std::size_t size() const { return all_.size(); }

 private:
  struct HashOf {
    std::size_t operator()(const T* value) const { return Hash()(*value); }
  };
  struct Same {
    bool operator()(const T* a, const T* b) const { return *a == *b; }
  };
  std::unordered_map<const T*, std::weak_ptr<const T>, HashOf, Same> all_;
};

}  // namespace facts
