// cached.conf: what is understood, and how it is told what is not.
// SPDX-License-Identifier: MIT

#include "cached/config/file.h"

#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cstdio>
#include <cstdlib>
#include <fstream>

#include "cached/config/describe.h"

namespace {

using config::parse_file;

std::string error_of(std::string_view text) {
  const auto file = parse_file(text, "f.conf");
  return file ? "" : file.error().text;
}

}  // namespace

TEST_CASE("an empty file is the defaults") {
  const auto file = parse_file("", "f.conf");
  REQUIRE(file);
  CHECK(file->options.limits.connections == 1024);
  CHECK(file->options.server.socket == "/run/checkpass/cached.sock");
  CHECK(file->options.limits.request_time == std::chrono::seconds(20));
}

TEST_CASE("every type of value is read") {
  const auto file = parse_file(
      "\xef\xbb\xbf# with a byte order mark\r\n"
      "[server]\r\n"
      "socket = /tmp/s p a c e ; # not a comment\r\n"
      "allow_users = root, dovecot\texim\r\n"
      "[limits]\n"
      "connections = 7\n"
      "request_time = 1500ms\n"
      "idle_time = 2 m\n"
      "drain_time = 3\n"
      "[log]\n"
      "to = stderr\n",
      "f.conf");
  REQUIRE(file);
  const auto& options = file->options;
  CHECK(options.server.socket == "/tmp/s p a c e ; # not a comment");
  CHECK(options.server.allow_users == config::Words{"root", "dovecot", "exim"});
  CHECK(options.limits.connections == 7);
  CHECK(options.limits.request_time == std::chrono::milliseconds(1500));
  CHECK(options.limits.idle_time == std::chrono::minutes(2));
  CHECK(options.limits.drain_time == std::chrono::seconds(3));
  CHECK(options.log.to == "stderr");
}

TEST_CASE("all errors are told in one pass, with file and line") {
  const std::string errors = error_of(
      "[limits]\n"
      "connections = many\n"
      "requests = 0\n"
      "request_time = 20 fortnights\n"
      "[server]\n"
      "socket = relative\n"
      "[log]\n"
      "to = nowhere\n"
      "[nonsense]\n"
      "x = y\n");
  CHECK(errors ==
        "f.conf:2: [limits] connections: must be a whole number\n"
        "f.conf:3: [limits] requests: must be between 1 and 100000\n"
        "f.conf:4: [limits] request_time: must be a number with ms, s, m, h or d behind it\n"
        "f.conf:6: [server] socket: must be an absolute path\n"
        "f.conf:8: [log] to: must be one of auto|journal|syslog|stderr\n"
        "f.conf:9: no such section: [nonsense]\n");
}

TEST_CASE("a hash that could be made and not verified is an error") {
  CHECK(error_of("[hash]\nargon2_memory_kib = 65536\nmax_memory_kib = 32768\n") ==
        "f.conf:2: [hash] argon2_memory_kib: more than max_memory_kib (32768): what is made could "
        "not be verified\n");
  CHECK(error_of("[hash]\nmax_argon2_passes = 1\n") ==
        "f.conf: [hash] argon2_passes: more than max_argon2_passes (1): what is made could not "
        "be verified\n");
}

TEST_CASE("B35: a typo in a choice is an error and not a verdict") {
  CHECK(error_of("[log]\nlevel = wraning\n") ==
        "f.conf:2: [log] level: must be one of error|warning|notice|info|debug\n");
}

TEST_CASE("B36 B37: a file with only some sections is whole") {
  const auto file = parse_file("[log]\nto = auto\n", "f.conf");
  REQUIRE(file);
  CHECK(file->options.database.backend == "sqlite");
}

TEST_CASE("what inih would swallow is told") {
  CHECK(error_of("[log]\nno equals sign\n") ==
        "f.conf:2: neither [section], nor name = value, nor # comment\n");
  CHECK(error_of("[log\n") == "f.conf:1: neither [section], nor name = value, nor # comment\n");
  CHECK(error_of("[log]\nto = stderr\nto = auto\n") == "f.conf:3: [log] to was set before\n");
  CHECK(error_of(std::string("[log]\nto = \0auto\n", 17))
            .starts_with("f.conf:2: line has a NUL byte\n"));
  CHECK(error_of("[userdb]\nhome = " + std::string(9000, 'x') + "\n")
            .starts_with("f.conf:2: line is too long\n"));
}

TEST_CASE("a long line is kept whole and an indented one continues nothing") {
  const std::string home = "/" + std::string(5000, 'h');
  const auto file = parse_file("[userdb]\nuid = 8\n  home = " + home + "\n", "f.conf");
  REQUIRE(file);
  CHECK(file->options.userdb.uid == "8");
  CHECK(file->options.userdb.home == home);
}

TEST_CASE("the sample file is the defaults, commented out and not") {
  std::string sample = config::describe_sample();
  CHECK(error_of(sample) == "");
  for (std::size_t at = 0; (at = sample.find("\n#", at)) != std::string::npos;)
    if (sample[at + 2] != ' ')
      sample.erase(at + 1, 1);
    else
      at += 2;
  const auto required = [&](std::string_view option, std::string_view value) {
    sample.insert(sample.find(option) + option.size(), value);
  };
  required("\nzone =", " bl.example");  // what must be given has no default
  required("\ncodes =", " 127.0.0.2");
  const auto file = parse_file(sample, "sample");
  REQUIRE_MESSAGE(file, file.error().text);
  const auto defaults =
      parse_file("[list NAME]\n[dnsbl NAME]\nzone = bl.example\ncodes = 127.0.0.2\n", "f.conf");
  REQUIRE(defaults);
  for (const config::Option& option : config::all_options()) {
    CHECK_MESSAGE(option.same(file->options, defaults->options), option.name);
    const std::string section = option.section;
    CHECK(file->has(section + (config::find_section(section)->add ? " NAME" : ""), option.name));
  }
  CHECK(file->options.local_networks.size() == 1);
}

TEST_CASE("a changed option that needs a restart is named") {
  const auto before = parse_file("[log]\nto = auto\n", "f.conf");
  const auto after = parse_file("[log]\nto = stderr\n[database]\nthreads = 3\n", "f.conf");
  REQUIRE(before);
  REQUIRE(after);
  CHECK(config::needs_restart(*before, *after) == std::vector<std::string>{"[database] threads"});
}

TEST_CASE("a section differs when one of its options does") {
  const auto before = parse_file("[hash]\nproof_time = 60m\n", "f.conf");
  const auto after = parse_file("[hash]\nproof_time = 1h\n[log]\nto = stderr\n", "f.conf");
  REQUIRE(before);
  REQUIRE(after);
  CHECK(!config::differs(before->options, after->options, "hash"));
  CHECK(config::differs(before->options, after->options, "log"));
}

TEST_CASE("a file that everybody can write to is refused") {
  char path[] = "/tmp/checkpass-test-XXXXXX";
  close(mkstemp(path));
  std::ofstream(path) << "[log]\nto = stderr\n";
  CHECK(config::load_file(path));
  chmod(path, 0666);
  const auto refused = config::load_file(path);
  REQUIRE(!refused);
  CHECK(refused.error().text == std::string(path) + ": refused, everybody can write to it");
  unlink(path);
  const auto missing = config::load_file(path);
  REQUIRE(!missing);
  CHECK(missing.error().text == std::string(path) + ": cannot open: No such file or directory");
  CHECK(!config::load_file("/tmp"));
}

TEST_CASE("networks are read at the start, each wrong one an error (B15, B16, B34)") {
  const auto file =
      parse_file("[auth]\ndisallow_passwords_from = 185.199.108.1/24, ::1\n", "f.conf");
  REQUIRE(file);
  CHECK(file->options.auth.disallow_passwords_from.size() == 2);
  CHECK(
      error_of("[auth]\ndisallow_passwords_from = 1.2.3.4/33, 999.1.1.0/24\n") ==
      "f.conf:2: [auth] disallow_passwords_from: 1.2.3.4/33: the prefix must be between 0 and 32; "
      "999.1.1.0/24 is not an address or a network\n");
}

TEST_CASE("a list as other formats write it is a mistake, and not a word of another name") {
  for (const char* value : {"[\"pop3\"]", "\"pop3\"", "'pop3', 'imap'"})
    CHECK(error_of("[auth]\ndisabled_services = " + std::string(value) + "\n") ==
          "f.conf:2: [auth] disabled_services: there are no quotes around words\n");
}

TEST_CASE("a server's password is in no message, and a change of it is noticed") {
  const auto before = parse_file("[database]\npassword = s3cret;x #y\n", "f.conf");
  const auto after = parse_file("[database]\npassword = other\n", "f.conf");
  REQUIRE(before);
  REQUIRE(after);
  CHECK((*before->options.database.password).reveal() == "s3cret;x #y");
  CHECK(config::needs_restart(*before, *after) == std::vector<std::string>{"[database] password"});
  CHECK(error_of("[database]\npassword = s3cret\npassword = s3cret\n").find("s3cret") ==
        std::string::npos);
}

TEST_CASE("a section of a family comes many times, each with its own defaults") {
  const auto file = parse_file(
      "[list asn]\n"
      "path = /etc/lists/asn.lst\n"
      "mode = log\n"
      "[list as-names_2.old]\r\n"
      "type = as_names\n"
      "[dnsbl spam]\n"
      "zone = k3y.bl.example\n"
      "codes = 127.0.0.2, 127.0.0.4/30\n",
      "f.conf");
  REQUIRE(file);
  const auto& lists = file->options.list;
  REQUIRE(lists.size() == 2);
  CHECK(lists[0].name == "asn");
  CHECK(lists[0].path == "/etc/lists/asn.lst");
  CHECK(lists[0].mode == "log");
  CHECK(lists[0].unknown == "inherit");
  CHECK(lists[1].name == "as-names_2.old");
  CHECK(lists[1].type == "as_names");
  CHECK(lists[1].mode == "inherit");
  REQUIRE(file->options.dnsbl.size() == 1);
  CHECK((*file->options.dnsbl[0].zone).reveal() == "k3y.bl.example");
  CHECK(file->options.dnsbl[0].codes.size() == 2);
  CHECK(file->options.dnsbl[0].mode == "log");
  CHECK(config::default_file().options.list.empty());
}

TEST_CASE("an error found later names the line of a family's section or of its option") {
  const auto file = parse_file("[list a]\npath = /a\n[list b]\n\n[list  c ]\nmode=log\n", "f.conf");
  REQUIRE(file);
  CHECK(file->where("f.conf", "list a", "path") == "f.conf:2: [list a] path");
  CHECK(file->where("f.conf", "list a", "mode") == "f.conf:1: [list a] mode");
  CHECK(file->where("f.conf", "list b", "path") == "f.conf:3: [list b] path");
  CHECK(file->where("f.conf", "list c", "mode") == "f.conf:6: [list c] mode");
  CHECK(file->where("f.conf", "lists", "mode") == "f.conf: [lists] mode");
  CHECK(file->has("list a", "path"));
  CHECK(!file->has("list b", "path"));
}

TEST_CASE("what is wrong with a section of a family is told") {
  const std::string must = " must have a name of 1 to 40 letters, digits, _, . and -: ";
  CHECK(error_of("[list a]\n[list b]\n[list a]\nmode = log\n") ==
        "f.conf:3: [list a] was there before\n");
  CHECK(error_of("[list a]\nmode = log\nmode = log\n") ==
        "f.conf:3: [list a] mode was set before\n");
  CHECK(error_of("[list a]\nmode = enfroce\n") ==
        "f.conf:2: [list a] mode: must be one of inherit|enforce|log\n");
  CHECK(error_of("[list a]\nzone = x\n") == "f.conf:2: no such option: [list a] zone\n");
  CHECK(error_of("[list]\nmode = log\n") == "f.conf:1: [list]" + must + "[list NAME]\n");
  CHECK(error_of("\xef\xbb\xbf[dnsbl a b]\n") == "f.conf:1: [dnsbl a b]" + must + "[dnsbl NAME]\n");
  const std::string longest(40, 'n');
  CHECK(error_of("[dnsbl " + longest + "x]\n") ==
        "f.conf:1: [dnsbl " + longest + "x]" + must + "[dnsbl NAME]\n");
  CHECK(error_of("[list " + longest + "]\n") == "");
  CHECK(error_of("[log here]\nto = auto\n") == "f.conf:1: no such section: [log here]\n");
  CHECK(error_of("to = auto\n") == "f.conf:1: before the first [section]: to\n");
}

TEST_CASE("a blocklist has a zone and codes that can be a listing") {
  CHECK(error_of("[dnsbl a]\n") ==
        "f.conf:1: [dnsbl a] zone: must be given\nf.conf:1: [dnsbl a] codes: must be given\n");
  for (const char* code : {"127.255.255.254", "127.255.0.0/16", "126.0.0.1", "0.0.0.0/0", "::1"})
    CHECK(error_of(std::string("[dnsbl a]\nzone = s3cret\ncodes = 127.0.0.2 ") + code + "\n") ==
          "f.conf:3: [dnsbl a] codes: must be in 127.0.0.0/8 and not in 127.255.255.0/24\n");
  CHECK(error_of("[dnsbl a]\nzone = s3cret\nzone = s3cret\ncodes = 127.0.0.2\n") ==
        "f.conf:3: [dnsbl a] zone was set before\n");
}

TEST_CASE("local networks are pairs, and an IPv6 network keeps its colons (C03, B34)") {
  const auto file = parse_file(
      "[local_networks]\r\n"
      "192.0.2.1/24 = head office = main: floor 2\r\n"
      "2001:db8::/32=lab\n"
      "  ::/64\t=  v6 lan \n"
      "[log]\nto: stderr\n",
      "f.conf");
  REQUIRE(file);
  const auto& networks = file->options.local_networks;
  REQUIRE(networks.size() == 3);
  CHECK(networks[0].network == *base::parse_network("192.0.2.0/24"));
  CHECK(networks[0].name == "head office = main: floor 2");
  CHECK(networks[0].line == 2);
  CHECK(networks[1].network == *base::parse_network("2001:db8::/32"));
  CHECK(networks[1].name == "lab");
  CHECK(networks[2].network == *base::parse_network("::/64"));
  CHECK(networks[2].name == "v6 lan");
  CHECK(networks[2].line == 4);
  CHECK(file->options.log.to == "stderr");
}

TEST_CASE("what is wrong with a local network is told") {
  CHECK(error_of("[local_networks]\n"
                 "10.0.0.0/8 = a\n"
                 "10.1.2.3/8 = b\n"
                 "2001:db8::/129 = c\n"
                 "2001:db8::/32 lab\n"
                 "fe80::/10 =\n"
                 "office\n") ==
        "f.conf:3: [local_networks] 10.1.2.3/8: was named in line 2\n"
        "f.conf:4: [local_networks] 2001:db8::/129: the prefix must be between 0 and 128\n"
        "f.conf:5: neither [section], nor name = value, nor # comment\n"
        "f.conf:6: [local_networks] fe80::/10: must have a name\n"
        "f.conf:7: neither [section], nor name = value, nor # comment\n");
}
