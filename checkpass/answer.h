// How an answer of cached is handed on: as Dovecot's reply record on descriptor 4, or by running
// the next program in the checkpassword way.
// SPDX-License-Identifier: MIT

#pragma once

#include "common/wire.h"

namespace checkpass {

enum class Answer { permit, deny, later };

// A reply line of cached. `record` holds its fields for Dovecot, ready for descriptor 4.
struct Reply {
  Answer answer = Answer::later;
  wire::Bytes text;     // for the log; may be empty
  wire::Bytes message;  // for the user who is denied; may be empty
  wire::Bytes record;   // a lone TAB when cached sent no field
};

// Takes the line apart in place; the record goes to `buffer`. False for anything that is not a
// whole, known answer.
bool parse_reply(char* line, size_t size, char (&buffer)[wire::max_line], Reply& out);

// The record that opens or closes the gate, a passdb behind the audit that lets in from the
// networks in audit_nets only: closed when denied, and then with the message, if there is one, as
// the reason that Dovecot tells the client. It is built in `buffer`, which must not hold the
// reply's line.
wire::Bytes gate_record(const Reply& reply, char (&buffer)[wire::max_line]);

// Bytes that are not printable ASCII become `?`, in place: nothing that is said to anybody ends its
// line or begins another.
wire::Bytes printable(wire::Bytes text);

// Writes the record whole to descriptor 4. False when that failed.
bool write_record(wire::Bytes record);

// True when descriptor 4 is open.
bool has_reply_descriptor();

// True when the program is Dovecot's checkpassword-reply, whose work write_record() does itself.
bool is_checkpassword_reply(const char* program);

// Runs argv[0] with USER, HOME, SHELL and the record's fields in the environment (EXTRA names
// them; a lookup also sets AUTHORIZED=2), descriptor 3 closed. Returns only when that failed, with
// what is wrong.
const char* run(char** argv, wire::Bytes user, wire::Bytes record, bool lookup);

}  // namespace checkpass
