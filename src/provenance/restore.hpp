// A dump that is being loaded.
//
// pg_restore with several jobs runs DDL on a table as soon as that table's data are there, and may
// load ours later: what would be recorded then took the numbers of what comes.
#pragma once

namespace strata::provenance {

// Returns true when a dump is being replayed and our tables are not all there yet. Nobody can have
// DDL pass unrecorded by claiming so: what is tracked came with a dump, and the chain lacks rows.
bool being_restored();

// Returns true when what is tracked came with a dump and the chain is empty, or names rows that are
// not there, so that the rest must be on its way. In other databases such rows were removed by
// somebody, which verify_provenance() tells, and which must not end the record.
bool chain_awaited();

}  // namespace strata::provenance
