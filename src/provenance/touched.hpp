// What this transaction has recorded of objects that others may be changing at the same time.
//
// Not every DDL statement excludes others: indexes are built at once, GRANT and COMMENT go beside
// nearly everything. Then each transaction sees its own change only, and the definition that both
// make together is in no record. So whoever commits later looks again, under the chain's lock.
//
// Scope: transaction.
#pragma once

#include "pg/depend.hpp"
#include "provenance/entries.hpp"

namespace strata::provenance {

// Notes what was recorded of the object as it is now: its name, its definition (none: it could not
// be read, because somebody had it locked), and pg::comments_stamp() of a relation then.
void note_touched(const pg::Object& object, const std::string& name, const Text& shape,
                  uint64_t comments);

// The relation was changed by somebody, or by this session; InvalidOid: any.
void touched_may_be_stale(Oid relation) noexcept;

// Has what became of objects that others changed since recorded before a commit. To be called in
// _PG_init before watch_migrations().
void watch_touched();

}  // namespace strata::provenance
