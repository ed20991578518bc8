// A server on loopback for tests, with TLS or without, in threads of its own: it answers as it was
// told, well or badly, and counts. And an authority of its own that signs its certificate.
// SPDX-License-Identifier: MIT

#pragma once

#include <openssl/ssl.h>
#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace tests {

// Signs certificates; its own is in a file that goes with it.
class Authority {
 public:
  Authority();
  ~Authority();
  const std::string& file() const { return file_; }
  // For that address of loopback, or that name.
  std::shared_ptr<SSL_CTX> context_for(const std::string& host) const;

 private:
  std::shared_ptr<EVP_PKEY> key_;
  std::shared_ptr<X509> certificate_;
  std::string file_;
};

class Server {
 public:
  struct Reply {
    std::string bytes;
    std::chrono::milliseconds pace{0};                        // between two bytes; 0: all at once
    enum class Then { keep, close, wait } then = Then::keep;  // wait: say no more, stay there
  };
  // What to say to what was received, up to an empty line (HTTP) or the end of the first (WHOIS).
  // Called in a thread of the server.
  using Answer = std::function<Reply(const std::string& received)>;

  Server(Answer answer, std::shared_ptr<SSL_CTX> context);  // without a context: no TLS
  ~Server() { stop(); }
  void stop();

  std::string address() const { return "127.0.0.1:" + std::to_string(port_); }
  int accepted() const { return accepted_; }
  int asked() const { return asked_; }

 private:
  void listen();
  void serve(int descriptor);
  bool pause(std::chrono::milliseconds time) const;  // false: the server is to end

  const Answer answer_;
  const std::shared_ptr<SSL_CTX> context_;
  int listener_ = -1, port_ = 0;
  std::atomic<int> accepted_{0}, asked_{0};
  std::atomic<bool> ends_{false};
  std::mutex mutex_;  // of the two below
  std::vector<int> descriptors_;
  std::vector<std::thread> threads_;
  std::thread acceptor_;
};

}  // namespace tests
