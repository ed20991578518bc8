// A thread beside the loop, for work that nobody waits for.
// SPDX-License-Identifier: MIT

#pragma once

#include <functional>

namespace base {

// Signals never come to it: they would be missed where they are waited for. False: the system has
// no thread left, and `work` is destroyed undone.
bool start_thread(std::function<void()> work);

}  // namespace base
