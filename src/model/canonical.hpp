// Canonical bytes: what digests and hashes of provenance are made of. Plain C++, no server.
//
// Every part is a netstring without its comma: decimal length in bytes, a colon, the bytes. So no
// part can pass for the end of one and the start of another. The first part names the form and its
// version. All text is UTF-8.
//
//   row    "pg_strata.row.1", then for each column that is not NULL, in the byte order of the
//          names: name, value as text
//   entry  "pg_strata.entry.1", seq, kind, source, ref, at, system identifier, timeline, then the
//          32 bytes of the row's digest and the 32 of the hash of the entry before (zeros before
//          the first), without lengths
//
// The hash of an entry is SHA-256(0x00 || entry): the leaf hash of RFC 6962.
#pragma once

#include "model/sha256.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace strata::model {

// Appends a part to the bytes.
void append_part(std::string& out, std::string_view part);

// The same for a number, in decimal.
void append_part(std::string& out, int64_t number);

// Begins the canonical bytes of a row; columns follow as two parts each.
void begin_row(std::string& out);

struct ChainEntry {
  int64_t seq = 0;
  std::string kind;
  std::string source;
  int64_t ref = 0;
  int64_t at = 0;  // microseconds since 2000-01-01 UTC
  int64_t system_identifier = 0;
  int32_t timeline = 0;
  Digest digest{};
  Digest prev_hash{};
  Digest hash{};  // not part of the bytes
};

// Puts the bytes that are hashed in place of `out`: 0x00 and the entry's canonical bytes.
void leaf_bytes(std::string& out, const ChainEntry& entry);

// Returns microseconds since 2000-01-01 UTC as "2026-01-31T23:59:59.000001Z".
std::string iso_time(int64_t at);

// The same, appended: a chain of a million entries is read at once.
void append_iso_time(std::string& out, int64_t at);

// Returns an interval as "P<months>M<days>DT<seconds>S", each part signed, seconds with six digits
// after the point.
std::string iso_interval(int32_t months, int32_t days, int64_t microseconds);

}  // namespace strata::model
