// See control.h; the protocol is in server/control.h.
// SPDX-License-Identifier: MIT

#include "cached/ctl/control.h"

#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <cerrno>
#include <cstring>
#include <iostream>

#include "cached/base/descriptor.h"
#include "cached/base/text.h"
#include "cached/ctl/usage.h"
#include "common/wire.h"

namespace ctl {
namespace {

using base::cat;
using base::Done;
using base::Error;
using base::Result;
using base::Status;

constexpr int exit_away = 3;
constexpr timeval longest_wait{300, 0};
constexpr std::size_t longest_answer = 64 << 20;

Error failure(std::string_view what) { return Error{cat("cached ", what, std::strerror(errno))}; }

bool has_hung_up() { return errno == EPIPE || errno == ECONNRESET; }

// `away`: there is nobody to be asked, and not that we may not.
Status connect_to(int fd, const std::string& path, bool& away) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.empty()) return Error{"[server] control is empty: cached cannot be reached"};
  if (path.size() >= sizeof address.sun_path)
    return Error{"[server] control: the path is too long"};
  path.copy(address.sun_path, path.size());
  setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &longest_wait, sizeof longest_wait);
  setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &longest_wait, sizeof longest_wait);
  if (connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) return Done{};
  away = errno == ENOENT || errno == ECONNREFUSED;
  return failure(
      cat(away ? "does not run, or not with this [server] control (" : "cannot be asked (", path,
          "): "));
}

Status send_words(int fd, Arguments words) {
  char line[wire::max_line];
  wire::Writer writer(line, sizeof line);
  writer.begin();
  for (const std::string& word : words) writer.add("word", {word.data(), word.size()});
  std::string_view rest(line, writer.line());
  if (rest.empty()) return Error{"too many words, or too long ones"};
  while (!rest.empty()) {
    const ssize_t sent = send(fd, rest.data(), rest.size(), MSG_NOSIGNAL);
    if (sent < 0 && has_hung_up()) break;
    if (sent < 0) return failure("does not listen: ");
    rest.remove_prefix(static_cast<std::size_t>(sent));
  }
  return Done{};
}

Result<std::string> receive_all(int fd) {
  std::string answer;
  char buffer[16384];
  while (answer.size() < longest_answer) {
    const ssize_t got = recv(fd, buffer, sizeof buffer, 0);
    if (got == 0 || (got < 0 && has_hung_up())) return answer;
    if (got < 0) return failure("does not answer: ");
    answer.append(buffer, static_cast<std::size_t>(got));
  }
  return Error{"cached does not stop answering"};
}

// The status in the first line, which is taken off; nullopt: it is no answer.
std::optional<int> take_status(std::string& answer) {
  const auto end = answer.find('\n');
  if (end == std::string::npos) return std::nullopt;
  wire::Reader reader(answer.data(), end);
  wire::Field field;
  if (!reader.version_matches() || reader.next(field) != wire::Reader::Got::field ||
      !field.name.is("status"))
    return std::nullopt;
  const auto status = base::parse_number<int>({field.value.data, field.value.size});
  answer.erase(0, end + 1);
  return status;
}

}  // namespace

Result<int> ask_cached(const config::Options& options, Arguments words) {
  const base::Descriptor fd(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (fd.get() < 0) return failure("cannot be asked: ");
  bool away = false;
  const auto connected = connect_to(fd.get(), options.server.control, away);
  if (!connected && !away) return connected.error();
  if (away) {
    std::cerr << "cachedctl: " << connected.error().text << '\n';
    return exit_away;
  }
  const auto sent = send_words(fd.get(), words);
  if (!sent) return sent.error();
  auto answer = receive_all(fd.get());
  if (!answer) return answer.error();
  const auto status = take_status(*answer);
  if (!status) return Error{"cached hung up without an answer; its log may say why"};
  (*status == 0 ? std::cout : std::cerr) << *answer;
  return *status;
}

Result<int> reload(const config::Options& options, Arguments arguments) {
  if (!arguments.empty()) return wrong_usage("reload has no arguments");
  const std::vector<std::string> words = {"reload"};
  return ask_cached(options, words);
}

Result<int> status(const config::Options& options, Arguments arguments) {
  if (!arguments.empty()) return wrong_usage("status has no arguments");
  const std::vector<std::string> words = {"status"};
  return ask_cached(options, words);
}

Result<int> show_cache(const config::Options& options, Arguments arguments) {
  if (arguments.size() != 1) return wrong_usage("cache show ADDRESS|AS");
  const std::vector<std::string> words = {"cache", "show", arguments.front()};
  return ask_cached(options, words);
}

Result<int> flush_cache(const config::Options& options, Arguments arguments) {
  if (arguments.size() != 1) return wrong_usage("cache flush ADDRESS|AS|all");
  const std::vector<std::string> words = {"cache", "flush", arguments.front()};
  return ask_cached(options, words);
}

Result<int> explain(const config::Options& options, Arguments arguments) {
  std::vector<std::string> words = {"explain", "", "", ""};
  for (std::size_t i = 0; i < arguments.size(); i++) {
    const bool has_value = i + 1 < arguments.size();
    if (arguments[i] == "--user" && has_value)
      words[1] = arguments[++i];
    else if (arguments[i] == "--service" && has_value)
      words[2] = arguments[++i];
    else if (words[3].empty() && !arguments[i].starts_with('-'))
      words[3] = arguments[i];
    else
      return wrong_usage(cat("explain: not understood: ", arguments[i]));
  }
  return ask_cached(options, words);
}

}  // namespace ctl
