// See source.h. zlib reads compressed files and others alike.
// SPDX-License-Identifier: MIT

#include "cached/ctl/report/source.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <zlib.h>
#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <memory>
#include <vector>

#include "cached/base/text.h"

namespace ctl::report {
namespace {

using base::cat;
using base::Error;
using base::Result;

struct Close {
  void operator()(gzFile file) const { gzclose(file); }
};
using File = std::unique_ptr<gzFile_s, Close>;

// journalctl, whose output is read from a pipe.
struct Journal {
  pid_t pid = -1;
  int output = -1;
};

Result<Journal> start_journalctl(const Source& source) {
  std::vector<std::string> words = {
      "journalctl",
      "--output=json",
      "--all",
      "--quiet",
      "--no-pager",
      "--identifier=mail-audit",
      cat("--output-fields=MESSAGE,SYSLOG_IDENTIFIER,", journal_fields()),
      cat("--since=@", source.since),
      cat("--until=@", source.until)};
  std::vector<char*> arguments;
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return Error{cat("no pipe: ", std::strerror(errno))};
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
  Journal journal{-1, ends[0]};
  const int failure = posix_spawnp(&journal.pid, words.front().c_str(), &actions, nullptr,
                                   arguments.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  close(ends[1]);
  if (failure == 0) return journal;
  close(ends[0]);
  return Error{cat("journalctl cannot be started: ", std::strerror(failure))};
}

// Hands on whole lines of what comes in pieces.
class Lines {
 public:
  explicit Lines(const std::function<Seconds(std::string_view)>& line) : line_(line) {}

  void take(std::string_view piece) {
    while (!piece.empty()) {
      const auto end = piece.find('\n');
      const auto part = piece.substr(0, end);
      if (begun_.size() + part.size() <= longest_line)
        end != std::string_view::npos&& begun_.empty() ? hand_on(part) : keep(part);
      else
        skipping_ = true;
      if (end == std::string_view::npos) return;
      if (skipping_ || !begun_.empty()) finish();
      piece.remove_prefix(end + 1);
    }
  }

  void finish() {
    if (skipping_)
      taken.too_long++;
    else if (!begun_.empty())
      hand_on(begun_);
    begun_.clear();
    skipping_ = false;
  }

  Taken taken;
  Seconds latest = 0;

 private:
  void keep(std::string_view part) {
    if (!skipping_) begun_ += part;
  }
  void hand_on(std::string_view line) {
    if (skipping_) return;
    taken.lines++;
    latest = std::max(latest, line_(line));
  }

  const std::function<Seconds(std::string_view)>& line_;
  std::string begun_;
  bool skipping_ = false;
};

// From the pipe of journalctl, or from a file: all the same to zlib.
base::Status read_all(gzFile file, int fd, const Source& source, Lines& lines) {
  Progress progress;
  struct stat about {};
  const bool has_size = fd >= 0 && fstat(fd, &about) == 0 && S_ISREG(about.st_mode);
  std::vector<char> buffer(256 << 10);
  for (;;) {
    const int got = gzread(file, buffer.data(), static_cast<unsigned>(buffer.size()));
    if (got < 0) {
      int number = 0;
      const char* const text = gzerror(file, &number);
      return Error{cat(source.name, ": ", number == Z_ERRNO ? std::strerror(errno) : text)};
    }
    if (got == 0) break;
    lines.take({buffer.data(), static_cast<std::size_t>(got)});
    if (has_size && about.st_size)
      progress.show(static_cast<double>(gzoffset(file)) / static_cast<double>(about.st_size));
    else if (lines.latest && source.until > source.since)
      progress.show(static_cast<double>(lines.latest - source.since) /
                    static_cast<double>(source.until - source.since));
  }
  lines.finish();
  return base::Done{};
}

base::Status read_journal(const Source& source, Lines& lines) {
  const auto journal = start_journalctl(source);
  if (!journal) return journal.error();
  const File file(gzdopen(journal->output, "rb"));
  const auto read = read_all(file.get(), -1, source, lines);
  int status = 0;
  waitpid(journal->pid, &status, 0);
  if (!read) return read;
  // Without any entry it ends with 1, and says nothing with --quiet.
  const bool failed = !WIFEXITED(status) || WEXITSTATUS(status) > 1;
  if (failed || (status != 0 && lines.taken.lines > 0))
    return Error{"journalctl has failed, and what it printed may not be all"};
  return base::Done{};
}

}  // namespace

Progress::Progress() : visible_(isatty(STDERR_FILENO) == 1) {}

void Progress::show(double share) {
  if (!visible_) return;
  using Clock = std::chrono::steady_clock;
  const double now = std::chrono::duration<double>(Clock::now().time_since_epoch()).count();
  if (now - drawn_ < 0.2) return;
  drawn_ = now;
  is_there_ = true;
  constexpr int width = 40;
  const int done = static_cast<int>(std::clamp(share, 0.0, 1.0) * width);
  const auto bar = std::string(static_cast<std::size_t>(done), '#');
  std::fprintf(stderr, "\r[%-*s] %3d %%", width, bar.c_str(), done * 100 / width);
}

void Progress::clear() {
  if (is_there_) std::fprintf(stderr, "\r\033[K");
  is_there_ = false;
}

Result<Taken> read_lines(const Source& source,
                         const std::function<Seconds(std::string_view)>& line) {
  Lines lines(line);
  base::Status read = base::Done{};
  if (source.name == "journal") {
    read = read_journal(source, lines);
  } else {
    const int fd =
        source.name == "-" ? dup(STDIN_FILENO) : open(source.name.c_str(), O_RDONLY | O_CLOEXEC);
    if (fd < 0) return Error{cat(source.name, ": ", std::strerror(errno))};
    const File file(gzdopen(fd, "rb"));
    gzbuffer(file.get(), 256 << 10);
    read = read_all(file.get(), fd, source, lines);
  }
  if (!read) return read.error();
  return lines.taken;
}

}  // namespace ctl::report
