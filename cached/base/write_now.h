// Writing where nobody may be reading, without waiting for it.
// SPDX-License-Identifier: MIT

#pragma once

#include <string_view>

namespace base {

// False: it would have to wait, or cannot be written. A long text may then be cut. `fd` is a
// socket, a pipe or a file, blocking or not. Any thread.
bool write_now(int fd, std::string_view text);

}  // namespace base
