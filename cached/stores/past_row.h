// A row of a History's query, read from either kind of statement.
// SPDX-License-Identifier: MIT

#pragma once

#include "cached/stores/history.h"

namespace stores {

// Index: what the statement counts its columns with.
template <class Index, class Statement>
PastRow past_row(Statement& from) {
  PastRow row;
  Index at = 0;
  row.id = from.number(at++);
  for (std::string* text :
       {&row.time, &row.user, &row.password_id, &row.comment, &row.service, &row.remote_ip,
        &row.reverse_name, &row.location, &row.isp, &row.country, &row.result, &row.reason,
        &row.rule, &row.auth_ok, &row.policy_reject})
    *text = from.text(at++);
  row.times = from.number(at);
  return row;
}

}  // namespace stores
