// See thread.h. Not std::thread, for which a system without threads is the end of the program.
// SPDX-License-Identifier: MIT

#include "cached/base/thread.h"

#include <pthread.h>
#include <csignal>
#include <memory>

namespace base {
namespace {

using Work = std::function<void()>;

void* perform(void* work) {
  const std::unique_ptr<Work> own(static_cast<Work*>(work));
  (*own)();
  return nullptr;
}

}  // namespace

bool start_thread(Work work) {
  auto own = std::make_unique<Work>(std::move(work));
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);  // a thread begins with the mask of its maker
  pthread_t thread;
  const bool started = pthread_create(&thread, nullptr, perform, own.get()) == 0;
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  if (!started) return false;
  pthread_detach(thread);
  static_cast<void>(own.release());  // perform() has it
  return true;
}

}  // namespace base
