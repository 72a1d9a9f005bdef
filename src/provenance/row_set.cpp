// Owns: reading the digests of a table's rows (see row_set.hpp).
#include "provenance/row_set.hpp"

#include "pg/spi.hpp"

namespace strata::provenance {

RowSet::RowSet(const std::string& table, const pg::Moment& moment, pg::Sha256& hash) {
  pg::RowScan scan(table, moment);
  if (!scan.exists()) return;
  pg::RowForm form(scan.desc());
  std::string bytes;
  while (scan.next()) {
    form.bytes(bytes, scan.values(), scan.nulls());
    rows_.push_back({scan.int8(1), hash(bytes), false});
  }
  const auto before = [](const Row& a, const Row& b) { return a.id < b.id; };
  if (!std::is_sorted(rows_.begin(), rows_.end(), before))
    std::stable_sort(rows_.begin(), rows_.end(), before);
}

RowSet::Row* RowSet::find(int64_t id) {
  if (next_ >= rows_.size() || rows_[next_].id != id)
    next_ = static_cast<size_t>(
        std::lower_bound(rows_.begin(), rows_.end(), id,
                         [](const Row& row, int64_t wanted) { return row.id < wanted; }) -
        rows_.begin());
  if (next_ >= rows_.size() || rows_[next_].id != id) return nullptr;
  return &rows_[next_++];
}

std::vector<std::string> linked_tables() {
  std::set<std::string> tables = {"migration", "change", "attempt", "provenance_event"};
  pg::Spi spi;
  const auto guarded = spi.query(
      "SELECT DISTINCT c.relname FROM pg_catalog.pg_trigger AS t"
      " JOIN pg_catalog.pg_class AS c ON c.oid = t.tgrelid"
      " JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace"
      " JOIN pg_catalog.pg_proc AS p ON p.oid = t.tgfoid"
      " WHERE n.nspname = 'strata' AND p.proname = 'append_only'"
      "   AND p.pronamespace = c.relnamespace"
      "   AND c.relname NOT IN ('provenance_entry', 'provenance_pending')");
  for (const auto& row : guarded)
    tables.insert(*row[0]);
  return {tables.begin(), tables.end()};
}

}  // namespace strata::provenance
