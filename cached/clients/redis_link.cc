// See redis_link.h.
// SPDX-License-Identifier: MIT

#include "cached/clients/redis_link.h"

#include <hiredis/sds.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <algorithm>
#include <cerrno>
#include <cstring>

#include "cached/base/host.h"
#include "cached/base/text.h"

namespace clients {
namespace {

using base::cat;
using base::Done;
using base::Error;
using base::Result;
using base::Status;

// hiredis leaves the last byte of the address as it was.
constexpr std::size_t longest_path = sizeof(sockaddr_un::sun_path) - 2;

// A list of texts at most: each takes 4 bytes or more on the wire. hiredis itself would make room
// for two thousand million things because a server says they are coming.
constexpr int most_elements = (1 << 20) / 4;
void* make_list(const redisReadTask* task, int elements) {
  static const auto make = [] {
    const std::unique_ptr<redisReader, void (*)(redisReader*)> reader(redisReaderCreate(),
                                                                      redisReaderFree);
    return reader->fn->createArray;
  }();
  return task->parent || elements > most_elements ? nullptr : make(task, elements);
}

bool is_text(const redisReply& reply) {
  return reply.type == REDIS_REPLY_STRING || reply.type == REDIS_REPLY_STATUS;
}

// An error has what the server said when it refused, as it may stand in the log.
Result<RedisValue> value_of(const redisReply& reply) {
  using Is = RedisValue::Is;
  constexpr std::size_t most = 200;
  const Error strange{"its answer is of another type"};
  if (reply.type == REDIS_REPLY_ERROR)
    return Error{base::printable({reply.str, std::min(reply.len, most)})};
  if (reply.type == REDIS_REPLY_NIL) return RedisValue{};
  if (reply.type == REDIS_REPLY_INTEGER) return RedisValue{Is::number, {}, reply.integer, {}};
  if (is_text(reply)) return RedisValue{Is::text, {reply.str, reply.len}, 0, {}};
  if (reply.type != REDIS_REPLY_ARRAY) return strange;
  RedisValue value{Is::list, {}, 0, {}};
  value.list.reserve(reply.elements);
  for (std::size_t i = 0; i < reply.elements; i++) {
    if (!is_text(*reply.element[i])) return strange;
    value.list.emplace_back(reply.element[i]->str, reply.element[i]->len);
  }
  return value;
}

// hiredis takes words as pointers and lengths.
struct Words {
  std::vector<const char*> bytes;
  std::vector<std::size_t> sizes;
  void add(std::string_view word) {
    bytes.push_back(word.data() ? word.data() : "");
    sizes.push_back(word.size());
  }
  int count() const { return static_cast<int>(bytes.size()); }
};

}  // namespace

Result<RedisPlace> parse_redis_place(const std::string& text) {
  const Error wrong{
      cat(base::printable(text), " is not HOST, HOST:PORT, [IPV6]:PORT or the path of a socket")};
  RedisPlace place;
  if (text.starts_with('/')) {
    if (text.size() > longest_path)
      return Error{cat(base::printable(text), ": longer than ", longest_path, " bytes")};
    place.path = text;
    return place;
  }
  if (base::parse_address(text)) {
    place.host = text;
    return place;
  }
  const auto host = base::parse_host(text);
  if (!host) return wrong;
  place.host = host->name;
  if (host->port) place.port = host->port;
  return place;
}

Result<std::unique_ptr<RedisLink>> RedisLink::connect(uv_loop_t* loop, const RedisPlace& place,
                                                      const std::string& address,
                                                      std::size_t most_bytes, Listener& listener) {
  Context context(place.path.empty() ? redisConnectNonBlock(address.c_str(), place.port)
                                     : redisConnectUnixNonBlock(place.path.c_str()));
  base::check(context != nullptr, "redisConnect");
  if (context->err) return Error{context->errstr};
  // A server whose host has gone without a word would be known only by the next command.
  if (place.path.empty()) redisEnableKeepAlive(context.get());
  return std::unique_ptr<RedisLink>(new RedisLink(loop, std::move(context), most_bytes, listener));
}

RedisLink::RedisLink(uv_loop_t* loop, Context context, std::size_t most_bytes, Listener& listener)
    : most_bytes_(most_bytes),
      listener_(listener),
      makers_(*context->reader->fn),
      context_(std::move(context)),
      poll_(loop, context_->fd, this, [](void* self, int, bool readable, bool writable) {
        static_cast<RedisLink*>(self)->ready(readable, writable);
      }) {
  makers_.createArray = make_list;
  context_->reader->fn = &makers_;
  poll_.watch(false, true);
}

void RedisLink::ready(bool readable, bool writable) {
  Status status = Done{};
  if (!connected_ && writable) {
    connected_ = true;
    int reason = 0;
    socklen_t size = sizeof reason;
    getsockopt(context_->fd, SOL_SOCKET, SO_ERROR, &reason, &size);
    status = reason ? Status(Error{std::strerror(reason)}) : listener_.connected();
  }
  if (status && readable) status = receive();
  if (status && writable) status = flush();
  if (status)
    listener_.processed();
  else
    listener_.lost(status.error().text);
}

Status RedisLink::receive() {
  constexpr std::size_t chunk = 16 << 10;  // what hiredis reads at most
  redisReader& reader = *context_->reader;
  for (std::size_t read = chunk, all = 0; read == chunk && all <= most_bytes_; all += read) {
    const std::size_t before = reader.len;
    if (redisBufferRead(context_.get()) != REDIS_OK) return failure();
    read = reader.len - before;
    unfinished_ += read;
    const Status status = parse();
    if (!status) return status;
  }
  return Done{};
}

Status RedisLink::parse() {
  const redisReader& reader = *context_->reader;
  while (true) {
    void* made = nullptr;
    if (redisGetReplyFromReader(context_.get(), &made) != REDIS_OK) return failure();
    if (!made) break;
    const std::unique_ptr<void, void (*)(void*)> answer(made, freeReplyObject);
    unfinished_ = reader.len - reader.pos;
    const Status status = listener_.answered(value_of(*static_cast<const redisReply*>(made)));
    if (!status) return status;
  }
  if (unfinished_ <= most_bytes_) return Done{};
  return Error{cat("an answer of more than ", most_bytes_, " bytes")};
}

Status RedisLink::flush() {
  int done = 0;
  if (redisBufferWrite(context_.get(), &done) != REDIS_OK) return failure();
  poll_.watch(true, !done);
  return Done{};
}

Error RedisLink::failure() const {
  if (context_->err == REDIS_ERR_OOM) return Error{"an answer that is too long or too deep"};
  return Error{context_->errstr};
}

void RedisLink::send(const std::vector<std::string>& words) {
  Words each;
  for (const auto& word : words) each.add(word);
  redisAppendCommandArgv(context_.get(), each.count(), each.bytes.data(), each.sizes.data());
  poll_.watch(true, true);
}

Status RedisLink::log_in(std::string_view user, const base::Secret& password) {
  Words words;
  words.add("AUTH");
  if (!user.empty()) words.add(user);
  words.add(password.reveal());
  char* bytes = nullptr;
  const int size =
      redisFormatCommandArgv(&bytes, words.count(), words.bytes.data(), words.sizes.data());
  base::check(size > 0, "redisFormatCommandArgv");
  const auto length = static_cast<std::size_t>(size);
  const auto sent = ::send(context_->fd, bytes, length, MSG_NOSIGNAL);
  const int reason = sent < 0 ? errno : EMSGSIZE;
  explicit_bzero(bytes, length);
  redisFreeCommand(bytes);
  if (sent == size) return Done{};
  return Error{std::strerror(reason)};
}

std::size_t RedisLink::unsent() const { return sdslen(context_->obuf); }

}  // namespace clients
