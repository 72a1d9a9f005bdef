// Owns: the list (see guard_setting.hpp).
#include "model/guard_setting.hpp"

#include <algorithm>
#include <array>

namespace strata::model {
namespace {

// row_security is none of them: off, it lets nobody read more, it makes queries fail.
constexpr std::array<std::string_view, 6> kNames = {
    "session_replication_role",  "event_triggers",
    "allow_system_table_mods",   "shared_preload_libraries",
    "session_preload_libraries", "local_preload_libraries"};
constexpr std::string_view kOurs = "pg_strata.";

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool same(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char x, char y) { return lower(x) == lower(y); });
}

}  // namespace

bool switches_guards(std::string_view setting) {
  return same(setting.substr(0, kOurs.size()), kOurs) ||
         std::any_of(kNames.begin(), kNames.end(),
                     [&](std::string_view name) { return same(name, setting); });
}

}  // namespace strata::model
