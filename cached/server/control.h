// The operator's door: one command a connection, by a second UNIX socket that only root and
// cached's own user may use. Knows no command itself.
// SPDX-License-Identifier: MIT

#pragma once

#include <functional>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "cached/base/log.h"
#include "cached/base/result.h"
#include "cached/loop/pipe.h"
#include "cached/loop/task.h"
#include "cached/server/listener.h"

namespace server {

using Arguments = std::vector<std::string>;

struct Reply {
  int status = 0;    // the exit status of cachedctl
  std::string text;  // UTF-8 lines, each ended
};

// What a connection may ask for: its first word, and what is then run with the others.
struct Command {
  std::string_view word;
  std::function<loop::Task<Reply>(Arguments)> run;
};

// The words of a request, `checkpass/1 TAB word=... TAB word=...`, at least one; the line is taken
// apart in place (checkpass-wire(7)). The answer is a line with the status, and then the text until
// the end of the connection.
base::Result<Arguments> parse_words(char* line, std::size_t size);
std::string answer_text(const Reply& reply);

class Control {
 public:
  Control(uv_loop_t* loop, std::vector<Command> commands);

  base::Status listen(int descriptor) { return listener_.listen(descriptor); }

  // Takes no more connections; what was asked for is still done and answered.
  void stop();

 private:
  void admit(std::unique_ptr<loop::Pipe> pipe);
  loop::Task<void> serve(std::unique_ptr<loop::Pipe> pipe);
  loop::Task<Reply> carry_out(Arguments words);

  const std::vector<Command> commands_;
  Listener listener_;
  std::set<loop::Pipe*> connections_;
  base::log::Limited refused_;
};

}  // namespace server
