// Owns: the statements under way, and which versions this session has been counted for (see
// session.hpp).
#include "telemetry/session.hpp"

#include "pg/guard.hpp"

extern "C" {
#include "access/xact.h"
#include "utils/guc.h"
}

namespace strata::telemetry {
namespace {

// Never freed: static objects would have destructors that run at exit. Statements end in nearly the
// reverse order of their start; those that are done keep their memory for the next.
auto* const open = new std::vector<Statement*>();
auto* const spare = new std::vector<Statement*>();
auto* const increments = new std::vector<pg::Increment>();
auto* const counted_versions = new std::vector<int64_t>();
uint64_t counted_since_reset = 0;

void put_away(size_t at) noexcept {
  Statement* statement = (*open)[at];
  open->erase(open->begin() + static_cast<std::ptrdiff_t>(at));
  spare->push_back(statement);  // has room: see begin()
}

// Returns true the first time the session meets the version.
bool is_new_session(int64_t version) {
  const uint64_t resets = pg::counter_resets();
  if (resets != counted_since_reset) {
    counted_versions->clear();
    counted_since_reset = resets;
  }
  for (const int64_t known : *counted_versions)
    if (known == version) return false;
  counted_versions->push_back(version);
  return true;
}

// The columns that a failed statement names are wanted all the same: only the statement and the
// relations are counted as failed.
void add_increments(const Statement& statement, int sqlstate) {
  const uint64_t microseconds = static_cast<uint64_t>(statement.nanoseconds / 1000);
  const char* const code = sqlstate != 0 ? unpack_sql_state(sqlstate) : nullptr;
  for (const pg::CountedUse& use : statement.uses) {
    increments->push_back({use, 0, 0, 0});
    pg::Increment& next = increments->back();
    next.use.role = statement.role;
    if (use.column != 0) continue;
    if (code != nullptr) memcpy(next.use.error, code, sizeof(next.use.error));
    if (use.relation_id != 0) continue;
    next.rows = statement.rows;
    next.microseconds = microseconds;
    next.sessions = is_new_session(use.version_id) ? 1 : 0;
  }
}

TimestampTz time_of_use() {
  const TimestampTz at = GetCurrentStatementStartTimestamp();
  return at != 0 ? at : GetCurrentTimestamp();  // 0: a background process that says no time
}

void add_to_counters(const Statement& statement, int sqlstate) noexcept {
  increments->clear();
  try {
    add_increments(statement, sqlstate);
  } catch (const std::bad_alloc&) {
    // What there was memory for is counted.
  }
  pg::add_counts(increments->data(), increments->size(),
                 application_name != nullptr ? application_name : "", time_of_use());
}

void count_left(SubTransactionId subtransaction) noexcept {
  for (size_t i = open->size(); i-- > 0;)
    if (subtransaction == InvalidSubTransactionId || (*open)[i]->subtransaction == subtransaction)
      count((*open)[i], 0);
}

void at_transaction_end(XactEvent event, void*) {
  if (event == XACT_EVENT_COMMIT || event == XACT_EVENT_ABORT || event == XACT_EVENT_PREPARE)
    count_left(InvalidSubTransactionId);
}

// A statement that goes on in the outer subtransaction belongs there, as its portal does.
void at_subtransaction_end(SubXactEvent event, SubTransactionId own, SubTransactionId parent,
                           void*) {
  if (event == SUBXACT_EVENT_ABORT_SUB) count_left(own);
  if (event != SUBXACT_EVENT_COMMIT_SUB) return;
  for (Statement* statement : *open)
    if (statement->subtransaction == own) statement->subtransaction = parent;
}

}  // namespace

Statement* begin(const QueryDesc* query) {
  if (spare->empty()) {
    spare->push_back(new Statement());
    spare->reserve(open->size() + spare->size() + 1);
  }
  Statement* statement = spare->back();
  statement->uses.clear();
  find_uses(query, &statement->uses);
  if (statement->uses.empty()) return nullptr;
  open->push_back(statement);
  spare->pop_back();
  statement->query = query;
  statement->subtransaction = GetCurrentSubTransactionId();
  // Not the owner of a function that the client called.
  statement->role = GetOuterUserId();
  statement->rows = 0;
  statement->nanoseconds = 0;
  return statement;
}

Statement* statement_of(const QueryDesc* query) noexcept {
  for (size_t i = open->size(); i-- > 0;)
    if ((*open)[i]->query == query) return (*open)[i];
  return nullptr;
}

void count(Statement* statement, int sqlstate) noexcept {
  add_to_counters(*statement, sqlstate);
  for (size_t i = open->size(); i-- > 0;)
    if ((*open)[i] == statement) return put_away(i);
}

void count_unplanned(const Query* query, const catalog::Registry& registry, int sqlstate) noexcept {
  try {
    Statement statement;
    find_uses(query, registry, &statement.uses);
    statement.role = GetOuterUserId();
    if (!statement.uses.empty()) add_to_counters(statement, sqlstate);
  } catch (const std::bad_alloc&) {
    // There are other worries.
  }
}

void watch_statements() {
  RegisterXactCallback(at_transaction_end, nullptr);
  RegisterSubXactCallback(at_subtransaction_end, nullptr);
}

}  // namespace strata::telemetry
