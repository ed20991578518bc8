// Fuzz target: a line through the codec as both programs use it, and what was understood must
// survive being written and read again.
// SPDX-License-Identifier: MIT

#include "common/wire.h"

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "cached/base/check.h"
#include "cached/server/request.h"
#include "checkpass/answer.h"

namespace {

using Fields = std::vector<std::pair<std::string, std::string>>;

bool read(std::string line, Fields& out) {
  wire::Reader reader(line.data(), line.size());
  if (!reader.version_matches()) return false;
  wire::Field field;
  wire::Reader::Got got;
  while ((got = reader.next(field)) == wire::Reader::Got::field)
    out.emplace_back(std::string(field.name.data, field.name.size),
                     std::string(field.value.data, field.value.size));
  return got == wire::Reader::Got::end;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string input(reinterpret_cast<const char*>(data), size);

  std::string request = input;
  static_cast<void>(static_cast<bool>(server::parse_request(request.data(), request.size())));
  std::string reply_line = input;
  static char record[wire::max_line];
  checkpass::Reply reply;
  if (checkpass::parse_reply(reply_line.data(), reply_line.size(), record, reply))
    base::check(reply.record.size > 0 && reply.record.data[reply.record.size - 1] == '\t',
                "a record ends in TAB");

  static char gate_buffer[wire::max_line];
  const wire::Bytes gate = checkpass::gate_record(reply, gate_buffer);
  const std::string gate_record(gate.data, gate.size);
  base::check(gate_record.starts_with("audit_nets=0.0.0.0/0") ==
                  (reply.answer == checkpass::Answer::permit),
              "only a permit opens the gate");
  base::check(std::count(gate_record.begin(), gate_record.end(), '\t') <= 2 &&
                  std::all_of(gate_record.begin(), gate_record.end(),
                              [](char c) { return c == '\t' || (c >= 0x20 && c < 0x7f); }),
              "a message adds one field, and it is printable");

  Fields fields;
  if (!read(input, fields)) return 0;
  std::string line(wire::max_line, '\0');
  wire::Writer writer(line.data(), line.size());
  writer.begin();
  for (const auto& [name, value] : fields)
    writer.add({name.data(), name.size()}, {value.data(), value.size()});
  line.resize(writer.line());
  if (line.empty()) return 0;  // longer than a line may be
  base::check(line.find('\n') == line.size() - 1, "the only LF is the last byte");
  line.pop_back();
  Fields again;
  base::check(read(line, again) && again == fields, "what was written is read");
  return 0;
}
