// Owns: what this session knows of the migration it is in (see migration.hpp).
#include "provenance/migration.hpp"

#include "pg/client.hpp"
#include "pg/names.hpp"
#include "pg/session.hpp"
#include "pg/spi.hpp"
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

// The migration of this transaction; its number 0: none yet. Changes of it that rolled back are no
// matter: what counts is what is linked.
int64_t migration_id = 0;
Oid migration_chain = InvalidOid;  // numbers begin anew with the extension
NameData migration_base;
model::Risk migration_risk = model::Risk::Low;
int64_t migration_proposal = 0;
int64_t migration_override = 0;

void forget(XactEvent event, void*) {
  if (event != XACT_EVENT_COMMIT && event != XACT_EVENT_ABORT && event != XACT_EVENT_PREPARE)
    return;
  migration_id = migration_proposal = migration_override = 0;
  migration_risk = model::Risk::Low;
  namestrcpy(&migration_base, "");
}

Text if_any(const char* text) {
  return text[0] != '\0' ? Text(text) : std::nullopt;
}

// Returns the first migration of the same step, when the tool takes several transactions for it.
Number first_of(const ToolStep& step) {
  const pg::ActAs owner(pg::extension_owner());
  const pg::PinnedSearchPath path;
  pg::Spi spi;
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
  const pg::Client client = pg::client();
  Migration migration;
  migration.migration_id = join_migration("");
  migration.base = if_any(NameStr(migration_base));
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
  migration.risk = std::string(model::name(migration_risk));
  if (migration_proposal != 0) migration.proposal_id = migration_proposal;
  if (migration_override != 0) migration.override_id = migration_override;
  append(migration);
}

}  // namespace

int64_t join_migration(const std::string& base) {
  if (migration_id == 0 || migration_chain != chain_table()) {
    migration_chain = chain_table();
    migration_id = new_migration_id();
  }
  if (!base.empty()) namestrcpy(&migration_base, base.c_str());
  return migration_id;
}

void note_in_migration(model::Risk risk, const Number& proposal, const Number& override_id) {
  migration_risk = std::max(migration_risk, risk);
  if (proposal) migration_proposal = *proposal;
  if (override_id) migration_override = *override_id;
}

void watch_migrations() {
  at_commit(finish_migration);
  pg::watch_own_transactions();
  pg::call([] { RegisterXactCallback(forget, nullptr); });
}

}  // namespace strata::provenance
