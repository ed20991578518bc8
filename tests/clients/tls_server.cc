// See tls_server.h.
// SPDX-License-Identifier: MIT

#include "tests/clients/tls_server.h"

#include <arpa/inet.h>
#include <doctest/doctest.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <sys/socket.h>
#include <unistd.h>
#include <csignal>

#include "cached/base/ip.h"

namespace tests {
namespace {

std::shared_ptr<EVP_PKEY> new_key() { return {EVP_EC_gen("P-256"), EVP_PKEY_free}; }

void extend(X509* certificate, int what, const std::string& value) {
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, nullptr, what, value.c_str());
  REQUIRE(X509_add_ext(certificate, extension, -1) == 1);
  X509_EXTENSION_free(extension);
}

// Valid from an hour ago to in an hour. Without a name it is that of an authority.
std::shared_ptr<X509> new_certificate(const std::string& name, EVP_PKEY* key) {
  static long serial = 0;
  std::shared_ptr<X509> certificate(X509_new(), X509_free);
  X509_set_version(certificate.get(), X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), ++serial);
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -3600);
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), 3600);
  X509_set_pubkey(certificate.get(), key);
  const auto common_name = name.empty() ? "Authority " + std::to_string(serial) : name;
  X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate.get()), "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>(common_name.c_str()), -1, -1,
                             0);
  return certificate;
}

// The socket, with TLS or without.
struct Stream {
  int descriptor;
  std::unique_ptr<SSL, decltype(&SSL_free)> tls{nullptr, SSL_free};

  bool open(SSL_CTX* context) {
    if (!context) return true;
    tls.reset(SSL_new(context));
    SSL_set_fd(tls.get(), descriptor);
    return SSL_accept(tls.get()) == 1;
  }
  int read(char* to, int size) {
    return tls ? SSL_read(tls.get(), to, size)
               : static_cast<int>(::read(descriptor, to, static_cast<std::size_t>(size)));
  }
  bool write(std::string_view bytes) {
    if (bytes.empty()) return true;
    if (tls) return SSL_write(tls.get(), bytes.data(), static_cast<int>(bytes.size())) > 0;
    return ::send(descriptor, bytes.data(), bytes.size(), MSG_NOSIGNAL) > 0;
  }
};

}  // namespace

Authority::Authority() : key_(new_key()), certificate_(new_certificate("", key_.get())) {
  std::signal(SIGPIPE, SIG_IGN);  // as main does
  X509_set_issuer_name(certificate_.get(), X509_get_subject_name(certificate_.get()));
  extend(certificate_.get(), NID_basic_constraints, "critical,CA:TRUE");
  REQUIRE(X509_sign(certificate_.get(), key_.get(), EVP_sha256()) > 0);
  char path[] = "/tmp/checkpass-authority-XXXXXX";
  FILE* file = fdopen(mkstemp(path), "w");
  REQUIRE(file);
  PEM_write_X509(file, certificate_.get());
  fclose(file);
  file_ = path;
}

Authority::~Authority() { unlink(file_.c_str()); }

std::shared_ptr<SSL_CTX> Authority::context_for(const std::string& host) const {
  const auto key = new_key();
  const auto certificate = new_certificate(host, key.get());
  X509_set_issuer_name(certificate.get(), X509_get_subject_name(certificate_.get()));
  extend(certificate.get(), NID_subject_alt_name,
         (base::parse_address(host) ? "IP:" : "DNS:") + host);
  REQUIRE(X509_sign(certificate.get(), key_.get(), EVP_sha256()) > 0);
  std::shared_ptr<SSL_CTX> context(SSL_CTX_new(TLS_server_method()), SSL_CTX_free);
  REQUIRE(SSL_CTX_use_certificate(context.get(), certificate.get()) == 1);
  REQUIRE(SSL_CTX_use_PrivateKey(context.get(), key.get()) == 1);
  return context;
}

Server::Server(Answer answer, std::shared_ptr<SSL_CTX> context)
    : answer_(std::move(answer)), context_(std::move(context)) {
  listener_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in place{};
  place.sin_family = AF_INET;
  place.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  auto* address = reinterpret_cast<sockaddr*>(&place);
  socklen_t size = sizeof place;
  REQUIRE(bind(listener_, address, size) == 0);
  REQUIRE(::listen(listener_, 512) == 0);
  REQUIRE(getsockname(listener_, address, &size) == 0);
  port_ = ntohs(place.sin_port);
  acceptor_ = std::thread([this] { listen(); });
}

void Server::stop() {
  if (ends_.exchange(true)) return;
  shutdown(listener_, SHUT_RDWR);
  acceptor_.join();
  close(listener_);
  {
    const std::lock_guard lock(mutex_);
    for (const int descriptor : descriptors_) shutdown(descriptor, SHUT_RDWR);
  }
  for (auto& thread : threads_) thread.join();
  for (const int descriptor : descriptors_) close(descriptor);
}

void Server::listen() {
  for (int descriptor; (descriptor = accept(listener_, nullptr, nullptr)) >= 0;) {
    accepted_++;
    const std::lock_guard lock(mutex_);
    descriptors_.push_back(descriptor);  // closed at the end
    threads_.emplace_back([this, descriptor] { serve(descriptor); });
  }
}

bool Server::pause(std::chrono::milliseconds time) const {
  const auto end = std::chrono::steady_clock::now() + time;
  while (!ends_ && std::chrono::steady_clock::now() < end)
    std::this_thread::sleep_for(std::min(time, std::chrono::milliseconds(5)));
  return !ends_;
}

void Server::serve(int descriptor) {
  Stream stream{descriptor};
  char buffer[4096];
  Reply reply;
  if (!stream.open(context_.get())) reply.then = Reply::Then::close;
  while (reply.then == Reply::Then::keep) {
    std::string received;
    while (received.find(context_ ? "\r\n\r\n" : "\r\n") == std::string::npos) {
      const int count = stream.read(buffer, sizeof buffer);
      if (count <= 0) return;
      received.append(buffer, static_cast<std::size_t>(count));
    }
    asked_++;
    reply = answer_(received);
    bool alive = true;
    if (reply.pace.count() == 0) alive = stream.write(reply.bytes);
    for (std::size_t i = 0; reply.pace.count() > 0 && alive && i < reply.bytes.size(); i++)
      alive = stream.write(reply.bytes.substr(i, 1)) && pause(reply.pace);
    if (!alive) break;
  }
  if (reply.then == Reply::Then::wait) pause(std::chrono::hours(1));
  if (stream.tls) SSL_shutdown(stream.tls.get());
  shutdown(descriptor, SHUT_RDWR);
}

}  // namespace tests
