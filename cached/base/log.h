// The program's own log and the audit lines: to journald, to syslog, or to stderr (with the <N>
// priority prefix of sd-daemon(3) only when a service manager reads it). One call is one line and
// one write; any thread.
// SPDX-License-Identifier: MIT

#pragma once

#include <syslog.h>
#include <chrono>
#include <span>
#include <string>
#include <string_view>

namespace base::log {

enum class Level { error = 3, warning = 4, notice = 5, info = 6, debug = 7 };  // as syslog(3)
enum class Sink { journal, syslog, standard_error };

bool has_journal();
bool has_syslog();

struct Settings {
  Sink own = Sink::standard_error;
  Sink audit = Sink::standard_error;
  int facility = LOG_MAIL;  // of syslog(3)
  Level least = Level::info;
};

// Until it is called: these. Nobody waits for journald or syslog: up to 10,000 lines do. Those
// beyond, and what they refuse, go to stderr; while that takes none either, lines are left out, and
// counted in the next one.
void open(const Settings& settings);

// The last thing, where nothing is done at exit: waits for them a second, and then gives up.
void flush();

void write(Level level, std::string_view text);  // several lines in `text` become several entries
inline void error(std::string_view text) { write(Level::error, text); }
inline void warning(std::string_view text) { write(Level::warning, text); }
inline void notice(std::string_view text) { write(Level::notice, text); }
inline void info(std::string_view text) { write(Level::info, text); }
inline void debug(std::string_view text) { write(Level::debug, text); }

// A journal field, name in capitals.
struct Field {
  std::string_view name;
  std::string value;
};

// On stderr: with the name before it, or nothing but the line, which is a whole of its own (JSON).
enum class Tagged { yes, no };

// The audit line under its own identifier, `mail-audit`, with its facts as journal fields.
void audit(std::string_view line, std::span<const Field> fields, Tagged tagged);

// Whether anybody reads the fields of the audit line: only the journal does.
bool takes_fields();

// For what a client can provoke: `burst` lines in each `period`, then a count of what was left out.
// Loop thread only.
class Limited {
 public:
  explicit Limited(int burst = 5, std::chrono::seconds period = std::chrono::seconds(10))
      : burst_(burst), period_(period) {}
  void write(Level level, std::string_view text);
  void warning(std::string_view text) { write(Level::warning, text); }

 private:
  const int burst_;
  const std::chrono::seconds period_;
  std::chrono::steady_clock::time_point start_{};
  int written_ = 0;
  int left_out_ = 0;
};

}  // namespace base::log
