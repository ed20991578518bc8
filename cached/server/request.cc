// See request.h.
// SPDX-License-Identifier: MIT

#include "cached/server/request.h"

#include <set>

#include "cached/base/text.h"
#include "common/wire.h"

namespace server {
namespace {

using base::Error;
using base::Login;
using base::Request;
using base::Result;
using base::Verdict;

std::string_view view(wire::Bytes bytes) { return {bytes.data, bytes.size}; }
wire::Bytes bytes(std::string_view text) { return {text.data(), text.size()}; }

struct RequestWord {
  std::string_view word;
  Request request;
};
constexpr RequestWord request_words[] = {
    {"auth", Request::auth}, {"audit", Request::audit}, {"lookup", Request::lookup}};

// The fields that are text as they come.
struct TextField {
  std::string_view name;
  std::string Login::*member;
};
constexpr TextField text_fields[] = {
    {"user", &Login::user},
    {"service", &Login::service},
    {"rip", &Login::remote_ip},
    {"rport", &Login::remote_port},
    {"lip", &Login::local_ip},
    {"lport", &Login::local_port},
    {"real_rip", &Login::real_remote_ip},
    {"master_user", &Login::master_user},
    {"orig_user", &Login::original_user},
    {"session", &Login::session},
    {"secured", &Login::secured},
    {"mech", &Login::mechanism},
    {"client_id", &Login::client_id},
    {"local_name", &Login::local_name},
};

// False: the value of `request` is none that we know.
bool take_field(const wire::Field& field, Login& login) {
  const auto name = view(field.name);
  if (name == "password") login.password = base::Secret(view(field.value));
  for (const TextField& row : text_fields)
    if (name == row.name) login.*row.member = view(field.value);
  if (name != "request") return true;
  for (const RequestWord& row : request_words) {
    if (view(field.value) != row.word) continue;
    login.request = row.request;
    return true;
  }
  return false;
}

}  // namespace

Result<std::shared_ptr<const Login>> parse_request(char* line, std::size_t size) {
  wire::Reader reader(line, size);
  if (!reader.version_matches()) return Error{"the line does not begin with checkpass/1"};
  const auto login = std::make_shared<Login>();
  std::set<std::string_view> seen;
  wire::Field field;
  wire::Reader::Got got;
  while ((got = reader.next(field)) == wire::Reader::Got::field) {
    if (!seen.insert(view(field.name)).second)
      return Error{base::cat("the field ", view(field.name), " comes twice")};
    if (!take_field(field, *login)) return Error{"no such request"};
  }
  if (got == wire::Reader::Got::malformed) return Error{"the line is malformed"};
  if (!seen.contains("request") || !seen.contains("user"))
    return Error{"the fields request and user must be there"};
  if (login->request == Request::auth && !seen.contains("password"))
    return Error{"the field password must be there"};
  return std::shared_ptr<const Login>(login);
}

std::string reply_line(const Verdict& verdict) {
  std::string line(wire::max_line, '\0');
  wire::Writer writer(line.data(), line.size());
  writer.begin();
  writer.add("answer", base::name_of(verdict.answer));
  if (!verdict.reason.empty()) writer.add("text", bytes(verdict.reason));
  if (verdict.answer == base::Answer::deny && !verdict.message.empty())
    writer.add("message", bytes(verdict.message));
  for (const auto& [name, value] : verdict.fields) writer.add(bytes(name), bytes(value));
  line.resize(writer.line());
  if (!line.empty()) return line;
  return reply_line({base::Answer::later, "the answer does not fit into a line", {}, {}});
}

}  // namespace server
