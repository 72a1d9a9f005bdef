// Whom a rule of a gate is about. Plain C++, no server.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "model/json_value.hpp"

namespace strata::model {

// What is known of a client. All but the role, its groups and the database is what the client says.
struct GateClient {
  std::string role;              // the session's user
  std::set<std::string> groups;  // of the roles that rules ask about, those it is a member of
  std::string application_name;
  std::string database;
  std::string address;  // numeric; empty: a Unix socket
  std::string unit;     // pg_strata.unit, or what is asked about; empty: not said
};

// A network: the first `bits` bits of an address of 4 or 16 bytes.
struct Network {
  std::array<uint8_t, 16> address{};
  int size = 0;  // of the address, in bytes
  int bits = 0;
};

// All that is given has to hold; of a list, one is enough. Nothing given: everybody.
struct GateMatch {
  std::vector<std::string> roles;
  std::vector<std::string> groups;             // as member_of
  std::vector<std::string> application_names;  // patterns of LIKE
  std::vector<std::string> databases;
  std::vector<Network> networks;  // as client_addr
  std::vector<std::string> units;
};

// Reads a match as SQL says it: a JSON object with the keys role, member_of, application_name,
// database, client_addr and unit, each with a string or a list of strings. Returns nothing and says
// in `problem`, a sentence, what is wrong with it.
std::optional<GateMatch> read_match(std::string_view json, std::string& problem);
std::optional<GateMatch> read_match(const JsonValue& json, std::string& problem);

// Returns true when the match holds for the client; `unit` is what would be hashed.
bool matches(const GateMatch& match, const GateClient& client, std::string_view unit);

// Returns true when the text fits the pattern of LIKE: % is any text, _ one character of UTF-8, and
// a backslash takes their meaning away.
bool is_like(std::string_view text, std::string_view pattern);

// Reads 192.0.2.0/24, 2001:db8::/32, or an address alone.
std::optional<Network> read_network(std::string_view text);

}  // namespace strata::model
