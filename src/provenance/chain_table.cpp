// Owns: giving the rows of a transaction their places in the chain (see chain_table.hpp).
#include "provenance/chain_table.hpp"

#include "pg/clock.hpp"
#include "pg/entry_table.hpp"
#include "pg/own_tables.hpp"
#include "pg/row_writer.hpp"
#include "pg/sha256.hpp"
#include "pg/timeline.hpp"

namespace strata::provenance {
namespace {

std::vector<Linked> waiting_rows() {
  std::vector<Linked> out;
  const Oid table = pg::own_table("provenance_pending");
  if (!OidIsValid(table)) return out;
  for (pg::WaitingRow& row : pg::take_waiting(table))
    out.push_back({std::move(row.kind), std::move(row.source), row.ref, row.digest, 0, 0});
  return out;
}

void add(pg::EntryTable& table, const std::vector<Linked>& rows) {
  const pg::LogPosition here = pg::log_position();
  const pg::ChainHead head = table.head();
  pg::Sha256 hash;
  std::string bytes;
  model::ChainEntry entry;
  entry.seq = head.seq;
  entry.hash = head.hash;
  entry.at = pg::now();
  entry.system_identifier = here.system_identifier;
  entry.timeline = here.timeline;
  for (const Linked& row : rows) {
    entry.seq++;
    entry.kind = row.kind;
    entry.source = row.table;
    entry.ref = row.id;
    entry.digest = row.digest;
    entry.prev_hash = entry.hash;
    model::leaf_bytes(bytes, entry);
    entry.hash = hash(bytes);
    table.append(entry);
  }
}

}  // namespace

Oid chain_table() {
  return pg::own_table("provenance_entry");
}

bool chain_exists() {
  return OidIsValid(chain_table());
}

void lock_chain() {
  pg::lock_entries(chain_table());
}

void extend_chain(const std::vector<Linked>& rows) {
  pg::EntryTable table(chain_table(), pg::own_table("provenance_entry_pkey"));
  std::vector<Linked> all = waiting_rows();
  all.insert(all.end(), rows.begin(), rows.end());
  if (!all.empty()) add(table, all);
  table.close();
}

void leave_pending(const std::vector<Linked>& rows) {
  for (const Linked& row : rows)
    pg::write_plain_row("provenance_pending", {{"source", pg::SqlArg::name(row.table)},
                                               {"ref", pg::SqlArg::int8(row.id)},
                                               {"kind", pg::SqlArg::text(row.kind)},
                                               {"digest", pg::bytes_arg(row.digest)}});
}

}  // namespace strata::provenance
