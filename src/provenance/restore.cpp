// Owns: recognising a restore (see restore.hpp). Scope: backend.
#include "provenance/restore.hpp"

#include "catalog/registry.hpp"
#include "pg/owner_spi.hpp"
#include "pg/session.hpp"

namespace strata::provenance {
namespace {

// Once all is there, it stays.
bool complete = false;

constexpr const char* kComplete = R"(
  SELECT EXISTS (SELECT FROM strata.provenance_entry)
  AND (SELECT pg_catalog.count(*) FROM (
         SELECT 'change', pg_catalog.max(c.change_id) FROM strata.change AS c
         UNION ALL SELECT 'migration', pg_catalog.max(m.migration_id) FROM strata.migration AS m
         UNION ALL SELECT 'provenance_event', pg_catalog.max(v.event_id)
                   FROM strata.provenance_event AS v) AS has (source, last)
       WHERE (SELECT pg_catalog.max(e.ref) FROM strata.provenance_entry AS e
              WHERE e.source = has.source::pg_catalog.name) > coalesce(has.last, 0)) = 0)";

bool is_complete() {
  pg::OwnerSpi spi;
  return spi.query_now(kComplete)[0][0] == "t";
}

}  // namespace

bool being_restored() {
  if (complete || !catalog::registry().came_with_dump() || !pg::replays_dump()) return false;
  complete = is_complete();
  return !complete;
}

bool chain_awaited() {
  return catalog::registry().came_with_dump() && !is_complete();
}

}  // namespace strata::provenance
