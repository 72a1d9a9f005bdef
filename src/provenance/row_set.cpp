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
  if (next_ >= rows_.size() || rows_[next_].id != id) next_ = place_of(id);
  if (next_ >= rows_.size() || rows_[next_].id != id) return nullptr;
  return &rows_[next_++];
}

// Sessions that write at once take turns at numbers, so that what is next in the chain is near, but
// not the next row: looks in ever larger steps from there.
size_t RowSet::place_of(int64_t id) const {
  const auto at = [&](size_t i) { return rows_.begin() + static_cast<ptrdiff_t>(i); };
  size_t low = std::min(next_, rows_.size());
  size_t high = low;
  for (size_t step = 1; low > 0 && rows_[low - 1].id >= id; step *= 2)
    low -= std::min(step, low);
  for (size_t step = 1; high < rows_.size() && rows_[high].id < id; step *= 2)
    high = std::min(high + step, rows_.size());
  const auto found = std::lower_bound(
      at(low), at(high), id, [](const Row& row, int64_t wanted) { return row.id < wanted; });
  return static_cast<size_t>(found - rows_.begin());
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
