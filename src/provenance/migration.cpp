// Owns: what this session knows of the migration it is in (see migration.hpp).
#include "provenance/migration.hpp"

#include "pg/client.hpp"
#include "pg/names.hpp"
#include "pg/owner_spi.hpp"
#include "pg/subtransaction_end.hpp"
#include "pg/written_row.hpp"
#include "provenance/chain.hpp"
#include "provenance/chain_table.hpp"
#include "provenance/tool.hpp"
#include "settings.hpp"

extern "C" {
#include "access/xact.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"
}

namespace strata::provenance {
namespace {

// What the statements of one subtransaction were risking, and what let them pass.
struct Notes {
  SubTransactionId subtransaction = InvalidSubTransactionId;
  std::string base;
  model::Risk risk = model::Risk::Low;
  Number proposal;
  Number override_id;
};

// The migration of this transaction; its number 0: none yet. It keeps its number when what asked
// for it is rolled back.
int64_t migration_id = 0;
Oid migration_chain = InvalidOid;  // numbers begin anew with the extension
// Each subtransaction that has some is after those it is in. Never freed: a static object would
// have a destructor that runs at exit.
auto* const noted = new std::vector<Notes>();

void forget(XactEvent event, void*) {
  if (event != XACT_EVENT_COMMIT && event != XACT_EVENT_ABORT && event != XACT_EVENT_PREPARE)
    return;
  migration_id = 0;
  noted->clear();
}

// What is said later counts; of risks, the highest.
void add(const Notes& from, Notes& to) {
  if (!from.base.empty()) to.base = from.base;
  to.risk = std::max(to.risk, from.risk);
  if (from.proposal) to.proposal = from.proposal;
  if (from.override_id) to.override_id = from.override_id;
}

// Changes that rolled back are not linked, and what they risked is forgotten with them.
void at_subtransaction_end(SubXactEvent event, SubTransactionId self, SubTransactionId parent,
                           void*) {
  if (noted->empty() || noted->back().subtransaction != self) return;
  if (event == SUBXACT_EVENT_ABORT_SUB) noted->pop_back();
  if (event != SUBXACT_EVENT_COMMIT_SUB) return;
  noted->back().subtransaction = parent;
  if (noted->size() < 2 || noted->end()[-2].subtransaction != parent) return;
  add(noted->back(), noted->end()[-2]);
  noted->pop_back();
}

void note(Notes notes) {
  pg::follow_subtransactions<at_subtransaction_end>();
  notes.subtransaction = GetCurrentSubTransactionId();
  if (noted->empty() || noted->back().subtransaction != notes.subtransaction)
    noted->push_back(std::move(notes));
  else
    add(notes, noted->back());
}

Text if_any(const char* text) {
  return text[0] != '\0' ? Text(text) : std::nullopt;
}

// Returns the first migration of the same step, when the tool takes several transactions for it.
Number first_of(const ToolStep& step) {
  pg::OwnerSpi spi;
  const auto rows = spi.query_now(
      "SELECT m.migration_id FROM strata.migration AS m WHERE m.tool = $1 AND m.label = $2 "
      "ORDER BY m.migration_id LIMIT 1",
      {pg::SqlArg::text(step.tool), pg::SqlArg::text(*step.label)});
  if (rows.empty()) return std::nullopt;
  return std::stoll(*rows[0][0]);
}

void finish_migration() {
  int32_t changes = 0;
  for (const Linked& row : linked())
    if (row.kind == "change") changes++;
  if (changes == 0) return;
  Notes notes;
  for (const Notes& some : *noted)
    add(some, notes);
  const pg::Client client = pg::client();
  Migration migration;
  migration.migration_id = join_migration("");
  migration.base = if_any(notes.base.c_str());
  migration.session_role = NameStr(client.session_role_name);
  // Background processes have no session user by name.
  if (migration.session_role.empty()) migration.session_role = pg::role_name(client.session_role);
  migration.effective_role = pg::role_name(GetUserId());
  migration.application_name = if_any(NameStr(client.application_name));
  migration.client_addr = if_any(client.address);
  if (const char* identity = pg::authenticated_as()) migration.identity = identity;
  migration.started_at = GetCurrentTransactionStartTimestamp();
  migration.changes = changes;
  migration.name = if_any(migration_name());
  if (const auto step = tool_step(NameStr(client.application_name))) {
    migration.tool = step->tool;
    migration.label = step->label;
    if (!migration.name) migration.name = step->name;
    if (step->label) migration.part_of = first_of(*step);
  }
  migration.ticket = if_any(migration_ticket());
  migration.rationale = if_any(migration_rationale());
  migration.source = if_any(migration_source());
  migration.risk = std::string(model::name(notes.risk));
  migration.proposal_id = notes.proposal;
  migration.override_id = notes.override_id;
  append(migration);
}

}  // namespace

int64_t join_migration(const std::string& base) {
  if (migration_id == 0 || migration_chain != chain_table()) {
    migration_chain = chain_table();
    migration_id = new_migration_id();
  }
  Notes notes;
  notes.base = base;
  note(std::move(notes));
  return migration_id;
}

void note_in_migration(model::Risk risk, const Number& proposal, const Number& override_id) {
  Notes notes;
  notes.risk = risk;
  notes.proposal = proposal;
  notes.override_id = override_id;
  note(std::move(notes));
}

void watch_migrations() {
  at_commit(finish_migration);
  pg::watch_own_transactions();
  pg::call([] { RegisterXactCallback(forget, nullptr); });
}

}  // namespace strata::provenance
