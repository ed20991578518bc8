// connection_log is written behind the answers: folded, across outages and restarts, each row once,
// and what is wrong with it is no matter for the log table.
// SPDX-License-Identifier: MIT

#include "cached/trail/connection_log.h"

#include <filesystem>

#include "cached/loop/sleep.h"
#include "cached/trail/recorder.h"
#include "cached/trail/row.h"
#include "tests/loop/test_loop.h"
#include "tests/stores/scratch.h"

namespace {

constexpr std::chrono::milliseconds brief{20};  // for queries that are to fail

loop::Task<void> moment(uv_loop_t* loop) {
  auto pause = loop::sleep(loop, brief);
  co_await pause;
}

struct World {
  tests::Scratch scratch;
  tests::TestLoop loop;
  std::unique_ptr<stores::Connection> direct;
  std::unique_ptr<trail::Spool> spool;
  std::unique_ptr<trail::Numbers> numbers;
  std::unique_ptr<trail::ConnectionLog> log;
  trail::ConnectionLog::Settings settings{true, 10000, 1000, 0};
  std::string spool_name = "spool.db";

  World() {
    scratch.options.database.query_time = brief;
    direct = scratch.connect();
    start();
  }
  ~World() {
    if (!log->finished()) finish();
  }
  std::string path(const std::string& name) const { return scratch.directory + "/" + name; }
  void start() {
    log.reset();
    spool.reset();
    const trail::Spool::Settings spool_settings{path(spool_name), "normal", 1000,
                                                std::chrono::milliseconds(50)};
    spool = std::make_unique<trail::Spool>(&loop.loop, spool_settings);
    numbers = std::make_unique<trail::Numbers>(*spool);
    log = std::make_unique<trail::ConnectionLog>(&loop.loop, scratch.options.database, *spool,
                                                 *numbers, settings);
  }
  void add(const std::string& user) const {
    base::Login login;
    login.user = user;
    login.service = "imap";
    login.remote_ip = "192.0.2.1";
    base::Verdict verdict{base::Answer::deny, "wrong password", {}};
    verdict.auth_ok = false;
    log->add({login, verdict});
  }
  void add_users(int count) const {
    for (int i = 0; i < count; i++) add(std::to_string(i));
  }
  void turn() { uv_run(&loop.loop, UV_RUN_ONCE); }
  void run_until_written() {
    while (log->rows().waiting() > 0) turn();
  }
  void finish() {
    log->finish();
    spool->finish();
    while (!log->finished() || !spool->is_idle()) turn();
  }
  std::vector<std::string> rows(const std::string& column = "username") const {
    return scratch.rows("SELECT " + column + " FROM connection_log ORDER BY id");
  }
  void break_table() const { scratch.run("ALTER TABLE connection_log RENAME TO away"); }
  void mend_table() const { scratch.run("ALTER TABLE away RENAME TO connection_log"); }
};

}  // namespace

TEST_CASE("each attempt is a row, equal ones are counted in it when cached leaves at the latest") {
  World world;
  for (int i = 0; i < 3; i++) world.add("alice");
  world.add("bob");
  world.run_until_written();
  CHECK(world.rows("username || count") == std::vector<std::string>{"alice1", "bob1"});
  world.finish();
  CHECK(world.rows("username || count") == std::vector<std::string>{"alice3", "bob1"});
  CHECK(world.rows("first <= last AND datetime = substr(first, 1, 19) AND auth_ok = 0 AND "
                   "policy_reject IS NULL AND protocol = 'imap' AND reason = 'wrong password'") ==
        std::vector<std::string>(2, "1"));
}

TEST_CASE("what was attempted while the table was away is there once when it is back") {
  World world;
  world.break_table();
  world.add_users(700);
  for (int i = 0; i < 20; i++) world.turn();
  CHECK(world.log->rows().waiting() == 700);
  world.finish();
  world.start();
  CHECK(world.log->rows().waiting() == 700);
  world.mend_table();
  world.run_until_written();
  CHECK(world.rows().size() == 700);
  CHECK(world.log->rows().counts().written == 700);
}

TEST_CASE("what was written before a crash but was still in the spool is not there twice") {
  World world;
  world.break_table();
  world.add_users(20);
  while (world.log->rows().unsafe() > 0) world.turn();
  for (const char* tail : {"", "-wal"})
    std::filesystem::copy_file(world.path("spool.db") + tail, world.path("crash.db") + tail);
  world.mend_table();
  world.run_until_written();
  world.finish();
  world.spool_name = "crash.db";
  world.start();
  CHECK(world.log->rows().waiting() == 20);
  world.run_until_written();
  CHECK(world.rows().size() == 20);
}

TEST_CASE("a broken connection_log keeps nothing out of the log table") {
  World world;
  world.break_table();
  world.add_users(50);
  stores::Database store(&world.loop.loop, world.scratch.options.database);
  const auto id = world.direct->add("alice", "h", "");
  REQUIRE(id);
  trail::Recorder recorder(&world.loop.loop, store, *world.spool, *world.numbers, {100, 100},
                           nullptr);
  stores::Use use{*id, "imap", "192.0.2.1", ""};
  recorder.complete(*recorder.add(use, {}), use);
  while (recorder.rows().waiting() > 0) world.turn();
  CHECK(world.scratch.rows("SELECT id FROM log").size() == 1);
  CHECK(world.log->rows().waiting() == 50);
  recorder.finish();
  while (!recorder.rows().finished()) world.turn();
}

TEST_CASE("without a spool what memory does not hold is dropped, and counted") {
  World world;
  world.finish();
  world.settings.most_waiting = 10;
  world.spool_name = "not/there.db";
  world.start();
  world.break_table();
  world.add_users(25);
  CHECK(world.log->rows().counts().dropped == 15);
  world.mend_table();
  world.run_until_written();
  CHECK(world.rows().size() == 10);
}

TEST_CASE("when it is off nothing is added, and what is in the spool from before is written") {
  World world;
  world.break_table();
  world.add_users(5);
  world.finish();
  world.settings.is_on = false;
  world.start();
  world.add("alice");
  world.mend_table();
  world.run_until_written();
  CHECK(world.rows().size() == 5);
}

TEST_CASE("what is older than connection_log_days goes, in several turns, and nothing else") {
  World world;
  world.finish();
  world.scratch.run(
      "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1700) "
      "INSERT INTO connection_log (datetime, username) SELECT datetime('now', "
      "iif(i <= 1600, '-93 days', '-91 days')), i FROM n");
  world.settings.days = 92;
  world.start();
  while (world.log->purged() < 1600) world.loop.run(moment(&world.loop.loop));
  world.finish();
  CHECK(world.rows().size() == 100);
  CHECK(world.log->purged() == 1600);
}

TEST_CASE("attempts come out of the spool as they went in") {
  stores::Attempts row;
  row.number = 7;
  row.host = "mx";
  row.user = std::string("\0:,\n", 4);
  row.policy_reject = true;
  row.password_id = -3;
  row.first = 1000;
  row.last = 2000;
  row.count = 5;
  const std::string bytes = trail::encode(row);
  const auto back = trail::decode_attempts(bytes);
  REQUIRE(back);
  CHECK(trail::encode(*back) == bytes);
  CHECK(back->user == row.user);
  CHECK(back->auth_ok == std::nullopt);
  CHECK(back->policy_reject == true);
  CHECK(back->count == 5);
  for (std::size_t size = 0; size < bytes.size(); size++)
    CHECK(!trail::decode_attempts(bytes.substr(0, size)));
}
