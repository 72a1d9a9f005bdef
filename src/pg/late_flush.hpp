// A commit that gives up its locks before it waits for the disk, and then waits as ever: the client
// is told of the commit when it is on disk.
//
// For a lock that every commit of a kind takes: else they would wait for the disk one after the
// other, and a flush would not serve many. Others may see the transaction an instant before it is
// on disk, as with synchronous_commit = off; what depends on it commits later in the log, and so
// cannot be on disk without it.
//
// Scope: transaction.
#pragma once

namespace strata::pg {

// Lets this transaction's commit be flushed after its locks are released. To be called in
// XACT_EVENT_PRE_COMMIT. Does nothing where a standby has to confirm commits, or nobody waits for
// the disk anyway.
void flush_late();

// Takes it back: at XACT_EVENT_ABORT, and at XACT_EVENT_COMMIT, when the server is past the point
// where it would flush.
void end_late_flush(bool committed);

// Installs the callback that flushes. Called once from _PG_init.
void watch_late_flush();

}  // namespace strata::pg
