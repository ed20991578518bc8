// Questions by the WHOIS protocol (RFC 3912): a line there, a text back, by TCP port 43.
// SPDX-License-Identifier: MIT

#pragma once

#include <uv.h>
#include <chrono>
#include <memory>
#include <string>

#include "cached/loop/task.h"

namespace clients {

class Transfers;

struct WhoisText {
  std::string text;
  std::string problem;    // empty: it was answered; else it names the server
  bool was_asked = true;  // false: failed before the server was, which says nothing of it
};

class Whois {
 public:
  static constexpr std::size_t most_bytes = 64 << 10;  // of an answer
  static constexpr std::size_t most_questions = 64;  // at the same time; beyond, at once a problem

  explicit Whois(uv_loop_t* loop);
  ~Whois();  // ends every question, as stop() does

  // `server` is HOST, HOST:PORT or [IPV6]:PORT. Ends within `time`.
  loop::Task<WhoisText> ask(std::string server, std::string question,
                            std::chrono::milliseconds time);

  // Every question fails, at once: those under way, and those still to come.
  void stop();

 private:
  const std::shared_ptr<Transfers> transfers_;  // a question keeps it, too
};

}  // namespace clients
