// See journal.h.
// SPDX-License-Identifier: MIT

#include "cached/ctl/report/journal.h"

#include <systemd/sd-journal.h>
#include <algorithm>
#include <cstring>
#include <memory>

#include "cached/base/text.h"
#include "cached/ctl/report/progress.h"
#include "cached/ctl/report/source.h"

namespace ctl::report {
namespace {

using base::cat;
using base::Error;
using base::Result;

constexpr Seconds microseconds = 1'000'000;  // of one

struct Close {
  void operator()(sd_journal* journal) const { sd_journal_close(journal); }
};
using Journal = std::unique_ptr<sd_journal, Close>;

Error failed(const std::string& name, int number) {
  return Error{cat(name, ": ", std::strerror(-number))};
}

Result<Journal> open_journal(const std::string& directory, const std::string& name) {
  sd_journal* opened = nullptr;
  const int done = directory.empty() ? sd_journal_open(&opened, SD_JOURNAL_LOCAL_ONLY)
                                     : sd_journal_open_directory(&opened, directory.c_str(), 0);
  if (done < 0) return failed(name, done);
  Journal journal(opened);
  if (directory.empty() && !sd_journal_has_persistent_files(opened) &&
      !sd_journal_has_runtime_files(opened))
    return Error{"there is no journal, or only root and the group systemd-journal may read it"};
  return journal;
}

// Of the entry that the journal is at.
std::optional<Event> read_entry(sd_journal* journal, Seconds time) {
  Entry entry(time);
  const void* data = nullptr;
  std::size_t size = 0;
  sd_journal_restart_data(journal);
  while (sd_journal_enumerate_available_data(journal, &data, &size) > 0) {
    const std::string_view field(static_cast<const char*>(data), size);
    const auto equals = std::min(field.find('='), field.size() - 1);
    entry.set(field.substr(0, equals), field.substr(equals + 1));
  }
  return entry.finish();
}

}  // namespace

Result<std::uint64_t> read_journal(const std::string& directory, Seconds since, Seconds until,
                                   const std::function<void(Event&)>& take) {
  const auto& name = directory.empty() ? std::string("journal") : directory;
  const auto journal = open_journal(directory, name);
  if (!journal) return journal.error();
  auto* const handle = journal->get();
  const auto match = cat("SYSLOG_IDENTIFIER=", audit_tag);
  int done = sd_journal_set_data_threshold(handle, longest_line);
  if (done >= 0) done = sd_journal_add_match(handle, match.data(), match.size());
  if (done >= 0)
    done = sd_journal_seek_realtime_usec(
        handle, static_cast<std::uint64_t>(std::max<Seconds>(since, 0) * microseconds));
  Progress progress(since, until);
  std::uint64_t entries = 0;
  while (done >= 0 && (done = sd_journal_next(handle)) > 0) {
    std::uint64_t moment = 0;
    done = sd_journal_get_realtime_usec(handle, &moment);
    const auto time = static_cast<Seconds>(moment) / microseconds;
    if (done < 0 || time > until) break;
    entries++;
    if (auto event = read_entry(handle, time)) take(*event);
    progress.at(time);
  }
  if (done < 0) return failed(name, done);
  return entries;
}

}  // namespace ctl::report
