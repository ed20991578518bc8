// See trail.h.
// SPDX-License-Identifier: MIT

#include "cached/trail/trail.h"

#include "cached/base/text.h"

namespace trail {

using base::cat;

namespace {

std::string lines_of(std::string_view table, const Outbox::Counts& counts) {
  return cat(table, "_waiting ", counts.waiting, "\n", table, "_spooled ", counts.spooled, "\n",
             table, "_written ", counts.written, "\n", table, "_dropped ", counts.dropped, "\n");
}

Spool::Settings spool_settings(const config::Options& options) {
  const auto& audit = options.audit;
  return {audit.spool,      audit.spool_sync,   audit.spool_rows,
          audit.spool_time, audit.spool_buffer, audit.spool_delay};
}

Recorder::Settings recorder_settings(const config::Options& options) {
  return {static_cast<std::size_t>(options.database.log_queue),
          static_cast<std::size_t>(options.audit.log_repeats)};
}

ConnectionLog::Settings connection_log_settings(const config::Options& options) {
  return {options.audit.connection_log == "yes",
          static_cast<std::size_t>(options.database.log_queue),
          static_cast<std::size_t>(options.audit.connection_log_rows),
          options.audit.connection_log_days};
}

}  // namespace

Trail::Trail(uv_loop_t* loop, const config::Options& options, std::shared_ptr<clients::Redis> redis)
    : log_store_(loop, stores::with_one_connection(options.database), "log"),
      spool_(loop, spool_settings(options)),
      numbers_(spool_),
      recorder(loop, log_store_, spool_, numbers_, recorder_settings(options), std::move(redis)),
      connection_log(loop, options.database, spool_, numbers_, connection_log_settings(options)) {}

void Trail::finish() {
  recorder.finish();
  connection_log.finish();
  spool_.finish();
}

bool Trail::finished() const {
  return recorder.rows().finished() && connection_log.finished() && spool_.is_idle();
}

bool Trail::leave() const {
  const bool first = recorder.rows().leave(), second = connection_log.rows().leave();
  return first && second;
}

std::string Trail::status() const {
  return cat(lines_of("log", recorder.rows().counts()),
             lines_of("connection_log", connection_log.rows().counts()), "connection_log_purged ",
             connection_log.purged(), "\n");
}

}  // namespace trail
