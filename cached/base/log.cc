// See log.h. The journal's native protocol is libsystemd's business.
// SPDX-License-Identifier: MIT

#define SD_JOURNAL_SUPPRESS_LOCATION
#include "cached/base/log.h"

#include <sys/uio.h>
#include <systemd/sd-journal.h>
#include <unistd.h>
#include <atomic>
#include <cstdlib>
#include <vector>

#include "cached/base/text.h"

namespace base::log {
namespace {

constexpr char journal_socket[] = "/run/systemd/journal/socket";
constexpr std::string_view own_name = "cached";
constexpr std::string_view audit_name = "mail-audit";  // what the admins' scripts look for

std::atomic<bool> to_journal = false;
std::atomic<Level> least_level = Level::info;

bool send_to_journal(Level level, std::string_view name, std::string_view text,
                     std::span<const Field> fields) {
  std::vector<std::string> entries;
  entries.reserve(fields.size() + 3);
  entries.push_back(cat("MESSAGE=", text));
  entries.push_back(cat("PRIORITY=", static_cast<int>(level)));
  entries.push_back(cat("SYSLOG_IDENTIFIER=", name));
  for (const Field& field : fields) entries.push_back(cat(field.name, "=", field.value));
  std::vector<iovec> parts;
  for (std::string& entry : entries) parts.push_back({entry.data(), entry.size()});
  return sd_journal_sendv(parts.data(), static_cast<int>(parts.size())) == 0;
}

void write_line(Level level, std::string_view name, std::string_view text,
                std::span<const Field> fields) {
  if (to_journal && send_to_journal(level, name, text, fields)) return;
  static const bool managed = std::getenv("INVOCATION_ID") != nullptr;
  const std::string prefix = managed ? cat('<', static_cast<int>(level), '>') : std::string();
  const std::string line = cat(prefix, name, ": ", text, '\n');
  [[maybe_unused]] const auto written = ::write(STDERR_FILENO, line.data(), line.size());
}

}  // namespace

bool open(Sink sink, Level least) {
  const bool have_journal = access(journal_socket, W_OK) == 0;
  to_journal = sink != Sink::standard_error && have_journal;
  least_level = least;
  return sink != Sink::journal || have_journal;
}

void write(Level level, std::string_view text) {
  if (level > least_level) return;
  while (!text.empty()) {
    const auto line = text.substr(0, text.find('\n'));
    if (!line.empty()) write_line(level, own_name, line, {});
    text.remove_prefix(std::min(line.size() + 1, text.size()));
  }
}

void audit(std::string_view line, std::span<const Field> fields) {
  write_line(Level::info, audit_name, line, fields);
}

bool takes_fields() { return to_journal; }

void Limited::write(Level level, std::string_view text) {
  const auto now = std::chrono::steady_clock::now();
  if (now - start_ > period_) {
    if (left_out_) log::write(level, cat("... and ", left_out_, " more of this kind"));
    start_ = now;
    written_ = left_out_ = 0;
  }
  if (written_ == burst_) {
    left_out_++;
  } else {
    written_++;
    log::write(level, text);
  }
}

}  // namespace base::log
