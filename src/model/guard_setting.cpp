// Owns: the list (see guard_setting.hpp).
#include "model/guard_setting.hpp"

#include <algorithm>
#include <array>

namespace strata::model {
namespace {

// row_security is none of them: off, it lets nobody read more, it makes queries fail.
constexpr std::array<std::string_view, 7> kNames = {
    "session_replication_role", "event_triggers",           "allow_system_table_mods",
    "ignore_system_indexes",    "shared_preload_libraries", "session_preload_libraries",
    "local_preload_libraries"};
constexpr std::string_view kOurs = "pg_strata.";
// Of ours, what guards nothing: what any role may say of itself, and how clients are sent about.
// What nobody sets (serving, gates) has a check of its own, which says so.
constexpr std::array<std::string_view, 8> kHarmless = {
    "pg_strata.migration", "pg_strata.ticket", "pg_strata.rationale", "pg_strata.source",
    "pg_strata.route",     "pg_strata.unit",   "pg_strata.gates",     "pg_strata.serving"};

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool same(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char x, char y) { return lower(x) == lower(y); });
}

template <typename Names>
bool is_one_of(const Names& names, std::string_view setting) {
  return std::any_of(names.begin(), names.end(),
                     [&](std::string_view name) { return same(name, setting); });
}

}  // namespace

bool switches_guards(std::string_view setting) {
  if (same(setting.substr(0, kOurs.size()), kOurs)) return !is_one_of(kHarmless, setting);
  return is_one_of(kNames, setting);
}

}  // namespace strata::model
