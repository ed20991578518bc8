// A real store, real hashes and a story of requests on them, without a socket; for tests.
// SPDX-License-Identifier: MIT

#pragma once

#include <fstream>
#include <memory>
#include <string>

#include "cached/auth/authenticate.h"
#include "cached/auth/hash.h"
#include "cached/rules/policy.h"
#include "tests/clients/name_server.h"
#include "tests/loop/test_loop.h"
#include "tests/stores/scratch.h"

namespace tests {

struct World {
  Scratch scratch;
  TestLoop loop;
  NameServer server{&loop.loop};
  std::shared_ptr<auth::Snapshot> snapshot = std::make_shared<auth::Snapshot>();
  std::unique_ptr<stores::Connection> store;
  std::unique_ptr<auth::Services> services;
  std::string remote_ip = "192.0.2.1", proxy, master;

  World() {
    snapshot->file = config::default_file();
    options().database.path = scratch.options.database.path;
    options().audit.spool = scratch.directory + "/spool.db";
    options().audit.spool_buffer.clear();
    options().audit.log_bucket = std::chrono::milliseconds(0);
    options().hash.argon2_memory_kib = 64;
    options().hash.argon2_passes = 1;
    options().dns = server.options();
    options().registry.cache.clear();
    store = scratch.connect();
    start();
  }
  ~World() { stop(); }

  config::Options& options() { return snapshot->file.options; }
  void start() { services = std::make_unique<auth::Services>(&loop.loop, options()); }
  // As the daemon does: nobody waits for the network any more, and what is still to be recorded is
  // written.
  void stop() {
    services->network.stop();
    services->trail.finish();
    while (!services->trail.finished()) uv_run(&loop.loop, UV_RUN_ONCE);
  }

  // What the log table has: result and reason of each row.
  std::vector<std::string> uses() const {
    const std::string sql = "SELECT result || ' ' || ifnull(reason, '') FROM log ORDER BY id";
    return scratch.rows(sql);
  }

  std::int64_t add_hash(const std::string& user, const std::string& hash) {
    const auto id = store->add(user, hash, "phone");
    REQUIRE(id);
    return *id;
  }
  std::int64_t add(const std::string& user, const std::string& password) {
    const auto hash = auth::hash::make(base::Secret(password), options().hash);
    REQUIRE(hash);
    return add_hash(user, *hash);
  }

  // Takes lists, zones and whom to ask from the text of a configuration; the registries only when
  // it says so.
  void configure(std::string text) {
    if (text.find("[registry]") == std::string::npos) text += "\n[registry]\nask = never\n";
    auto file = config::parse_file(text, "x.conf");
    REQUIRE_MESSAGE(file, (file ? "" : file.error().text));
    const auto database = options().database;
    const auto hash = options().hash;
    snapshot = std::make_shared<auth::Snapshot>();
    snapshot->file = *std::move(file);
    options().database = database;
    options().hash = hash;
    options().dns = server.options();
    std::string errors;
    snapshot->sources =
        facts::open_sources(snapshot->file, "x.conf", {}, errors, snapshot->warnings);
    auto policy = rules::load_policy(snapshot->file, "x.conf", {}, snapshot->warnings);
    REQUIRE_MESSAGE(policy, (policy ? "" : policy.error().text));
    snapshot->policy = *std::move(policy);
    CHECK(errors == "");
  }
  std::string write(const std::string& name, const std::string& text) const {
    std::ofstream(scratch.directory + "/" + name) << text;
    return scratch.directory + "/" + name;
  }

  base::Verdict ask(const std::string& user, const std::string& password,
                    base::Request request = base::Request::auth) {
    auto login = std::make_shared<base::Login>();
    login->request = request;
    login->user = user;
    login->password = base::Secret(password);
    login->service = "imap";
    login->remote_ip = remote_ip;
    login->real_remote_ip = proxy;
    login->master_user = master;
    return loop.result_of(auth::answer(*services, snapshot, login));
  }
};

inline bool is(const base::Verdict& verdict, base::Answer answer, const std::string& reason = "") {
  CAPTURE(verdict.reason);
  CHECK(verdict.answer == answer);
  CHECK(verdict.reason == reason);
  return verdict.answer == answer && verdict.reason == reason;
}

}  // namespace tests
