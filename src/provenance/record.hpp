// The recorder: what a statement on a tracked schema did, and the migration it is part of.
//
// Scope: transaction. Called by the DDL path around the statement; a statement that is about no
// tracked schema does not come here.
#pragma once

#include "guard/admit.hpp"
#include "guard/attempts.hpp"
#include "pg/lock.hpp"

extern "C" {
#include "nodes/plannodes.h"
}

namespace strata::provenance {

// What is gathered of one statement while it runs.
class Capture;

// Returns true for statements that may change a definition; a switch on the tag, nothing more.
bool concerns(const Node* tree);

// Begins to record the statement, before it has any lock, or looks at it again. Leaves null in
// `capture` when it will change nothing: LOCK, ANALYZE, VACUUM without FULL, and TRUNCATE of tables
// without a row.
void begin(Node* tree, const guard::Admission& admission, Capture** capture);

// Installs what tells captures of changed relations. Called once from _PG_init.
void watch_captures();

// The moment before anything is done for a statement. What it waits for locks, and how long it
// takes, is counted from there.
struct Start {
  int64_t at;
  pg::LockTally locks;
};
Start start() noexcept;

// Says that the statement, which began at `start`, has the locks that are taken ahead of it.
void locked(Capture* capture, const Start& start);

// Forgets what begin() gathered.
void discard(Capture* capture);

// Records a statement that has run, if it touched a tracked schema; ends `capture`.
void record(const PlannedStmt* planned, const guard::Attempt& attempt,
            const guard::Admission& admission, Capture* capture);

// Returns true while a statement is being recorded.
bool recording() noexcept;

// Tells the statement that is being recorded, if any, what the server is about to change or drop,
// and what it made.
void saw_changed(Oid classid, Oid object, int32_t subid);
void saw_made(Oid classid, Oid object, int32_t subid);

// Tells it that version views over the relation are about to read another one.
void will_repoint(Oid relation);

}  // namespace strata::provenance
