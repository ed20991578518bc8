// cachedctl cache: what others in the network have told and cached remembers.
// SPDX-License-Identifier: MIT

#pragma once

#include <string>

#include "cached/auth/services.h"
#include "cached/base/result.h"
#include "cached/loop/task.h"

namespace auth {

// Of ADDRESS, the cell it is in; of AS123, its name. Lines, none when nothing is remembered. An
// error: `what` is neither. Takes as long as [redis] query_time, twice.
loop::Task<base::Result<std::string>> show_cache(Services& services, std::string what);

// Forgets that, here and where it is shared. `all`: everything, also reverse names and answers of
// DNS lists. An error as above. Not everywhere: the line says where it will come back from.
struct Flushed {
  bool everywhere = true;
  std::string text;  // `flushed`, a line
};
loop::Task<base::Result<Flushed>> flush_cache(Services& services, std::string what);

}  // namespace auth
