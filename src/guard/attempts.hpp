// Refused and failed statements are kept although their transaction rolls back: a line in the
// server's log at once, and an entry in the shared queue, which a worker writes into
// strata.attempt (worker/).
//
// Scope: backend. Called on the way out of an error: looks at no catalogs, raises nothing, waits
// for nobody.
#pragma once

#include "pg/guard.hpp"

namespace strata::guard {

// What is known of a statement before it runs. Plain data, because errors jump over the frames it
// is in; the text is the caller's.
struct Attempt {
  const char* text = nullptr;  // what the client sent, or a function ran
  int location = -1;           // of the statement in it, as in PlannedStmt
  int length = 0;
  Oid role = InvalidOid;  // the current user when it began; an error may leave another
  Oid base = InvalidOid;  // the tracked schema it is about; InvalidOid: none, or not known
  NameData base_name{};
  bool watched = false;   // errors while the server runs it may have to be noted
  bool failures = false;  // also errors of the server's are noted, not only refusals
};

// Begins the facts of a utility statement; a few assignments.
Attempt attempt_of(const PlannedStmt* planned, const char* text) noexcept;

// The same for errors outside of utility statements (callbacks, the end of a transaction): all that
// the client sent.
Attempt attempt_of_client() noexcept;

// Returns the statement itself, in the attempt's text, without white space and semicolons around
// it.
std::string_view statement_in(const Attempt& attempt) noexcept;

// Says which tracked schema the statement is about.
void set_base(Attempt& attempt, Oid base, const std::string& name) noexcept;

// Returns true for an error of class ST: a refusal of ours.
bool is_refusal(const Error& error) noexcept;

// Writes the log line and puts the statement into the queue. To be called in a catch block, once.
void note_attempt(const Attempt& attempt, const Error& error) noexcept;

// Forgets which error was noted last: a statement begins.
void begin_noting() noexcept;

// Notes the error when it is to be noted and was not noted by a statement inside this one.
void note_once(const Attempt& attempt, const Error& error) noexcept;

// Runs the body; an error of it is noted on its way out.
template <class Body>
auto noting(const Attempt& attempt, Body&& body) -> std::invoke_result_t<Body> {
  begin_noting();
  try {
    return body();
  } catch (const Error& error) {
    note_once(attempt, error);
    throw;
  }
}

}  // namespace strata::guard
