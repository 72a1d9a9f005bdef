// The decision on one statement: may it run now? And what holds while it runs.
#pragma once

#include "guard/attempts.hpp"
#include "guard/judgement.hpp"
#include "pg/guard.hpp"

namespace strata::guard {

// What a statement that was let pass is bound to. Lives in a memory context of the statement's, so
// that an error that jumps over us ends it too.
class Admission;

// Returns true when the guard may have something to say about this node; a switch on the tag,
// nothing more.
bool concerns(const Node* tree);

// Judges the statement and refuses what policies do not let pass: ST001 refused by policy, ST002
// outside its window, ST003 without an approved proposal; each with the hazards, the policies, the
// next window and the way to propose it. Warns where a policy only warns. Takes no lock on a
// relation. Says in `attempt` which tracked schema the statement is about. Returns what has to be
// ended after the statement; null when there is nothing to hold it to.
Admission* admit(Node* tree, Attempt* attempt);

// Gathers the same about a statement, and lets it pass: what is only recorded.
Admission* describe(Node* tree, Attempt* attempt);

// To be called once the statement's locks are held: spends the approval, and has the window looked
// at again when the transaction commits.
void use(Admission* admission);

// Ends what holds while the statement runs. To be called right after it, unless it raised.
void end(Admission* admission);

// Forgets an admission that is not used.
void discard(Admission* admission);

// Ends the admission itself, when all that follows from the statement is done.
void settle(Admission* admission);

// Returns the time after which the statement must not go on waiting for locks, in microseconds of
// the server's clock; 0 when there is none.
int64_t wait_until(const Admission* admission);

// The net under the decision, called for every object that goes and every table that is emptied,
// whatever made it so: raises ST001 for data of a tracked schema that no admitted statement was
// known to take along.
void check_drop(Oid classid, Oid object, int32_t subid);
void check_truncate(Oid relation);

// The same for what changes the guard and is no utility statement: raises ST001 where policies do
// not let it pass. Nobody can have approved it.
void check_control_plane(const char* command, const std::string& object);

}  // namespace strata::guard
