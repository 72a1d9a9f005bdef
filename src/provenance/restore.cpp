// Owns: recognising a restore (see restore.hpp). Scope: backend.
#include "provenance/restore.hpp"

#include "catalog/registry.hpp"
#include "pg/owner_spi.hpp"
#include "pg/session.hpp"

namespace strata::provenance {
namespace {

// Once all is there, it stays.
bool complete = false;

bool ask(const char* condition) {
  pg::OwnerSpi spi;
  return spi.query_now(fmt::format("SELECT {}", condition))[0][0] == "t";
}

constexpr const char* kComplete = R"(
  EXISTS (SELECT FROM strata.provenance_entry)
  AND (SELECT pg_catalog.count(*) FROM (
         SELECT 'change', pg_catalog.max(c.change_id) FROM strata.change AS c
         UNION ALL SELECT 'migration', pg_catalog.max(m.migration_id) FROM strata.migration AS m
         UNION ALL SELECT 'provenance_event', pg_catalog.max(v.event_id)
                   FROM strata.provenance_event AS v) AS has (source, last)
       WHERE (SELECT pg_catalog.max(e.ref) FROM strata.provenance_entry AS e
              WHERE e.source = has.source::pg_catalog.name) > coalesce(has.last, 0)) = 0)";

}  // namespace

bool being_restored() {
  if (complete || !catalog::registry().came_with_dump() || !pg::replays_dump()) return false;
  complete = ask(kComplete);
  return !complete;
}

bool chain_awaited() {
  return catalog::registry().came_with_dump() && !ask(kComplete);
}

}  // namespace strata::provenance
