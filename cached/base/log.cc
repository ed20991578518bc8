// See log.h. The journal's native protocol is libsystemd's business.
// SPDX-License-Identifier: MIT

#define SD_JOURNAL_SUPPRESS_LOCATION
#include "cached/base/log.h"

#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <systemd/sd-journal.h>
#include <unistd.h>
#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <vector>

#include "cached/base/log_writer.h"
#include "cached/base/text.h"
#include "cached/base/write_now.h"

namespace base::log {
namespace {

constexpr char journal_socket[] = "/run/systemd/journal/socket";
constexpr char syslog_socket[] = "/dev/log";
constexpr std::string_view own_name = "cached";
constexpr std::string_view audit_name = "mail-audit";  // what the admins' scripts look for

std::atomic<Sink> own_sink = Sink::standard_error;
std::atomic<Sink> audit_sink = Sink::standard_error;
std::atomic<int> facility = LOG_MAIL;
std::atomic<Level> least_level = Level::info;

constexpr std::size_t most_waiting = 10'000;
constexpr std::chrono::seconds longest_leave{1};

std::atomic<std::size_t> left_out = 0;

// That there is no journald libsystemd does not tell.
bool send_to_journal(const Line& line) {
  if (!has_journal()) return false;
  std::vector<std::string> entries;
  entries.reserve(line.fields.size() + 3);
  entries.push_back(cat("MESSAGE=", line.text));
  entries.push_back(cat("PRIORITY=", static_cast<int>(line.level)));
  entries.push_back(cat("SYSLOG_IDENTIFIER=", line.name));
  for (const Field& field : line.fields) entries.push_back(cat(field.name, "=", field.value));
  std::vector<iovec> parts;
  for (std::string& entry : entries) parts.push_back({entry.data(), entry.size()});
  return sd_journal_sendv(parts.data(), static_cast<int>(parts.size())) == 0;
}

// As syslog(3) writes it: <22>Nov 21 23:59:59 mail-audit[812]: text. Without a connection, so that
// a syslogd may come and go. Only the writer's thread comes here.
bool send_to_syslog(const Line& line) {
  static int fd = -1;
  if (fd < 0) fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  constexpr const char* months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                    "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const std::time_t now = std::time(nullptr);
  std::tm local{};
  localtime_r(&now, &local);
  char time[40];
  std::snprintf(time, sizeof time, "%s %2d %02d:%02d:%02d", months[local.tm_mon], local.tm_mday,
                local.tm_hour, local.tm_min, local.tm_sec);
  const std::string packet =
      cat('<', facility | static_cast<int>(line.level), '>', std::string_view(time), ' ', line.name,
          '[', getpid(), "]: ", line.text);
  sockaddr_un address{.sun_family = AF_UNIX, .sun_path = {}};
  std::copy(std::begin(syslog_socket), std::end(syslog_socket), address.sun_path);
  return sendto(fd, packet.data(), packet.size(), MSG_NOSIGNAL,
                reinterpret_cast<const sockaddr*>(&address), sizeof address) >= 0;
}

// As stderr has it.
std::string whole(const Line& line) {
  static const bool managed = std::getenv("INVOCATION_ID") != nullptr;
  std::string text;
  if (managed && line.tagged == Tagged::yes) text = cat('<', static_cast<int>(line.level), '>');
  if (line.tagged == Tagged::yes) text += cat(line.name, ": ");
  return text += cat(line.text, '\n');
}

void write_to_stderr(const Line& line) {
  const std::string text = whole(line);
  [[maybe_unused]] const auto written = ::write(STDERR_FILENO, text.data(), text.size());
}

// Under systemd stderr is read by the journald that may be hanging, too.
void write_if_taken(const Line& line) {
  if (!write_now(STDERR_FILENO, whole(line))) left_out++;
}

void send(const Line& line) {
  if (line.sink == Sink::journal && send_to_journal(line)) return;
  if (line.sink == Sink::syslog && send_to_syslog(line)) return;
  write_to_stderr(line);
}

// Never destroyed: its thread may be in a call that does not end.
Writer& writer() {
  static Writer* const one = [] {
    std::atexit(flush);
    return new Writer(most_waiting, send);
  }();
  return *one;
}

Line missing(Sink sink, std::size_t lines) {
  return {sink, Level::warning, own_name, cat(lines, " lines are missing: nobody took them")};
}

void write_line(Line line) {
  if (line.sink == Sink::standard_error) return write_to_stderr(line);
  if (const auto lines = left_out.exchange(0)) {
    Line first = missing(line.sink, lines);
    if (!writer().put(first) && !write_now(STDERR_FILENO, whole(first))) left_out += lines;
  }
  if (!writer().put(line)) write_if_taken(line);
}

}  // namespace

bool has_journal() { return access(journal_socket, W_OK) == 0; }
bool has_syslog() { return access(syslog_socket, W_OK) == 0; }

void open(const Settings& settings) {
  own_sink = settings.own;
  audit_sink = settings.audit;
  facility = settings.facility;
  least_level = settings.least;
}

void write(Level level, std::string_view text) {
  if (level > least_level) return;
  while (!text.empty()) {
    const auto line = text.substr(0, text.find('\n'));
    if (!line.empty()) write_line({own_sink, level, own_name, std::string(line)});
    text.remove_prefix(std::min(line.size() + 1, text.size()));
  }
}

void audit(std::string_view line, std::span<const Field> fields, Tagged tagged) {
  write_line({audit_sink, Level::info, audit_name, std::string(line),
              std::vector(fields.begin(), fields.end()), tagged});
}

void flush() {
  for (const Line& line : writer().leave(longest_leave)) write_if_taken(line);
  if (left_out) write_if_taken(missing(Sink::standard_error, left_out));
}

bool takes_fields() { return audit_sink == Sink::journal; }

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
