// Owns: reading and applying matches (see gate_match.hpp).
#include "model/gate_match.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>
#include <cstring>

namespace strata::model {
namespace {

bool is_one_of(const std::vector<std::string>& list, std::string_view value) {
  return std::find(list.begin(), list.end(), value) != list.end();
}

bool contains(const Network& network, const Network& host) {
  if (network.size != host.size) return false;
  const auto whole = static_cast<size_t>(network.bits / 8);
  if (std::memcmp(network.address.data(), host.address.data(), whole) != 0) return false;
  const int rest = network.bits % 8;
  if (rest == 0) return true;
  const auto mask = static_cast<uint8_t>(0xff << (8 - rest));
  return (network.address[whole] & mask) == (host.address[whole] & mask);
}

bool is_in(const std::vector<Network>& networks, const std::string& address) {
  const auto host = read_network(address);
  return host && std::any_of(networks.begin(), networks.end(),
                             [&](const Network& network) { return contains(network, *host); });
}

// The end of the character that begins at `at`.
size_t next_character(std::string_view text, size_t at) {
  at++;
  while (at < text.size() && (static_cast<uint8_t>(text[at]) & 0xc0) == 0x80)
    at++;
  return at;
}

std::vector<std::string>* list_named(GateMatch& match, std::vector<std::string>& networks,
                                     std::string_view key) {
  if (key == "role") return &match.roles;
  if (key == "member_of") return &match.groups;
  if (key == "application_name") return &match.application_names;
  if (key == "database") return &match.databases;
  if (key == "client_addr") return &networks;
  if (key == "unit") return &match.units;
  return nullptr;
}

bool read_strings(const JsonValue& value, std::vector<std::string>& out) {
  using Kind = JsonValue::Kind;
  if (value.kind == Kind::kString) {
    out.push_back(value.string());
    return true;
  }
  if (value.kind != Kind::kArray || value.items.empty()) return false;
  for (const JsonValue& item : value.items) {
    if (item.kind != Kind::kString) return false;
    out.push_back(item.string());
  }
  return true;
}

}  // namespace

bool is_like(std::string_view text, std::string_view pattern) {
  // Where to go on when the text does not fit: behind the last %, one character further.
  size_t at = 0, in = 0, after_any = std::string_view::npos, tried = 0;
  while (at < text.size()) {
    if (in < pattern.size() && pattern[in] == '%') {
      after_any = ++in;
      tried = at;
      continue;
    }
    const bool escaped = in + 1 < pattern.size() && pattern[in] == '\\';
    const size_t literal = escaped ? in + 1 : in;
    if (literal < pattern.size()) {
      if (!escaped && pattern[in] == '_') {
        at = next_character(text, at);
        in++;
        continue;
      }
      if (pattern[literal] == text[at]) {
        at++;
        in = literal + 1;
        continue;
      }
    }
    if (after_any == std::string_view::npos) return false;
    in = after_any;
    at = tried = next_character(text, tried);
  }
  while (in < pattern.size() && pattern[in] == '%')
    in++;
  return in == pattern.size();
}

std::optional<Network> read_network(std::string_view text) {
  const size_t slash = text.find('/');
  const std::string host(text.substr(0, slash));
  Network out;
  if (inet_pton(AF_INET, host.c_str(), out.address.data()) == 1)
    out.size = 4;
  else if (inet_pton(AF_INET6, host.c_str(), out.address.data()) == 1)
    out.size = 16;
  else
    return std::nullopt;
  out.bits = out.size * 8;
  if (slash == std::string_view::npos) return out;
  const std::string_view bits = text.substr(slash + 1);
  int asked = -1;
  const auto read = std::from_chars(bits.data(), bits.data() + bits.size(), asked);
  if (read.ec != std::errc() || read.ptr != bits.data() + bits.size() || asked < 0 ||
      asked > out.bits)
    return std::nullopt;
  out.bits = asked;
  return out;
}

std::optional<GateMatch> read_match(std::string_view json, std::string& problem) {
  const auto read = read_json(json);
  return read_match(read.value_or(JsonValue()), problem);
}

std::optional<GateMatch> read_match(const JsonValue& json, std::string& problem) {
  if (json.kind != JsonValue::Kind::kObject) {
    problem = "It is no JSON object.";
    return std::nullopt;
  }
  GateMatch out;
  std::vector<std::string> networks;
  for (const JsonValue& member : json.items) {
    std::vector<std::string>* const list = list_named(out, networks, member.name());
    if (list == nullptr) {
      problem = "It has no key \"" + member.name() + "\".";
      return std::nullopt;
    }
    if (!read_strings(member, *list)) {
      problem = "What \"" + member.name() + "\" says is no string, and no list of strings.";
      return std::nullopt;
    }
  }
  for (const std::string& text : networks) {
    const auto network = read_network(text);
    if (!network) {
      problem = "\"" + text + "\" is no address and no network.";
      return std::nullopt;
    }
    out.networks.push_back(*network);
  }
  return out;
}

bool matches(const GateMatch& match, const GateClient& client, std::string_view unit) {
  const auto any = [](const auto& list, auto&& holds) {
    return list.empty() || std::any_of(list.begin(), list.end(), holds);
  };
  if (!match.roles.empty() && !is_one_of(match.roles, client.role)) return false;
  if (!match.databases.empty() && !is_one_of(match.databases, client.database)) return false;
  if (!match.units.empty() && !is_one_of(match.units, unit)) return false;
  if (!match.networks.empty() && !is_in(match.networks, client.address)) return false;
  if (!any(match.groups, [&](const std::string& group) { return client.groups.count(group) != 0; }))
    return false;
  return any(match.application_names,
             [&](const std::string& pattern) { return is_like(client.application_name, pattern); });
}

}  // namespace strata::model
