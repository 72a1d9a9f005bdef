// Owns: the question to the telemetry (see samples.hpp).
#include "rollout/samples.hpp"

#include "telemetry/totals.hpp"

namespace strata::rollout {
namespace {

// How often it is read again when counters moved into the table meanwhile.
constexpr int kTries = 20;

std::optional<int64_t> live_version(pg::Spi& spi, const std::string& base,
                                    const std::string& version) {
  const auto rows = spi.query_now(
      "SELECT v.version_id FROM strata.published_version AS v "
      "WHERE v.base = $1 AND v.version = $2 AND v.state <> 'retired'",
      {pg::SqlArg::name(base), pg::SqlArg::text(version)});
  if (rows.empty()) return std::nullopt;
  return std::stoll(*rows[0][0]);
}

model::Counted in_table(pg::Spi& spi, int64_t version_id) {
  const auto rows = spi.query_now(
      "SELECT coalesce(pg_catalog.sum(t.calls), 0)::bigint, "
      "coalesce(pg_catalog.sum(t.errors), 0)::bigint, "
      "coalesce(pg_catalog.sum(t.microseconds), 0)::bigint FROM strata.usage_total AS t "
      "WHERE t.version_id = $1",
      {pg::SqlArg::int8(version_id)});
  return {std::stoll(*rows[0][0]), std::stoll(*rows[0][1]), std::stoll(*rows[0][2])};
}

void add_in_memory(const std::vector<pg::Counter>& counters, int64_t version_id,
                   model::Counted& out) {
  for (const auto& [key, sums] : telemetry::sums_of(counters)) {
    if (key.first != version_id) continue;
    out.calls += sums.calls;
    out.errors += sums.errors;
    out.microseconds += sums.microseconds;
  }
}

}  // namespace

std::optional<model::Sample> sample(pg::Spi& spi, const RolloutRow& rollout) {
  const auto stable = live_version(spi, rollout.base, rollout.stable);
  const auto candidate = live_version(spi, rollout.base, rollout.candidate);
  if (!stable || !candidate) return std::nullopt;
  model::Sample out;
  for (int i = 0; i < kTries; i++) {
    const uint64_t moved = pg::counters_moved();
    out = {in_table(spi, *stable), in_table(spi, *candidate)};
    const std::vector<pg::Counter> counters = pg::copy_counters(MyDatabaseId);
    add_in_memory(counters, *stable, out.stable);
    add_in_memory(counters, *candidate, out.candidate);
    if (pg::counters_moved() == moved) break;
  }
  return out;
}

}  // namespace strata::rollout
