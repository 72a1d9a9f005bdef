// Owns: what this session knows of the migration it is in (see record.hpp).
#include "provenance/record.hpp"

#include "model/mask.hpp"
#include "pg/client.hpp"
#include "pg/clock.hpp"
#include "pg/names.hpp"
#include "pg/row_writer.hpp"
#include "pg/table_facts.hpp"
#include "provenance/chain.hpp"
#include "provenance/entries.hpp"
#include "provenance/restore.hpp"

extern "C" {
#include "access/xact.h"
#include "catalog/namespace.h"
#include "catalog/pg_inherits.h"
#include "mb/pg_wchar.h"
#include "parser/parser.h"
#include "tcop/cmdtag.h"
#include "tcop/tcopprot.h"
#include "tcop/utility.h"
#include "utils/timestamp.h"
}

namespace strata::provenance {
namespace {

// How much of a statement is kept.
constexpr int kStatementRoom = 100000;

// The migration of this transaction; its number 0: none yet. Changes of it that rolled back are no
// matter: what counts is what is linked.
int64_t migration_id = 0;
NameData migration_base;

int64_t current_migration() {
  if (migration_id == 0) migration_id = new_migration_id();
  return migration_id;
}

void forget(XactEvent event, void*) {
  if (event == XACT_EVENT_COMMIT || event == XACT_EVENT_ABORT || event == XACT_EVENT_PREPARE)
    migration_id = 0;
}

// The statement's part of what the client sent, without blanks around it.
std::string_view statement_text(const guard::Attempt& attempt) {
  std::string_view text = attempt.text != nullptr ? attempt.text : "";
  if (attempt.location > 0)
    text.remove_prefix(std::min(text.size(), static_cast<size_t>(attempt.location)));
  if (attempt.location >= 0 && attempt.length > 0)
    text = text.substr(0, static_cast<size_t>(attempt.length));
  constexpr std::string_view blanks = " \t\r\n\f;";
  const size_t first = text.find_first_not_of(blanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(blanks) + 1 - first);
}

// Returns what is kept of a text; it does not end inside a character.
std::string beginning(std::string text) {
  if (text.size() > size_t{kStatementRoom})
    text.resize(static_cast<size_t>(
        pg_mbcliplen(text.data(), static_cast<int>(text.size()), kStatementRoom)));
  return text;
}

Text if_any(const char* text) {
  return text[0] != '\0' ? Text(text) : std::nullopt;
}

bool is_full(const VacuumStmt* statement) {
  const ListCell* cell;
  foreach (cell, statement->options)
    if (strcmp(static_cast<const DefElem*>(lfirst(cell))->defname, "full") == 0) return true;
  return false;
}

bool is_empty(const RangeVar* table) {
  const Oid relation = pg::call([&] { return RangeVarGetRelid(table, NoLock, true); });
  return OidIsValid(relation) && pg::disk_bytes(relation) == 0 &&
         (!table->inh || !pg::call([&] { return has_subclass(relation); }));
}

void finish_migration() {
  int32_t changes = 0;
  for (const Linked& row : linked())
    if (row.kind == "change") changes++;
  if (changes == 0) return;
  const pg::Client client = pg::client();
  Migration migration;
  migration.migration_id = current_migration();
  migration.base = if_any(NameStr(migration_base));
  migration.session_role = NameStr(client.session_role_name);
  // Background processes have no session user by name.
  if (migration.session_role.empty()) migration.session_role = pg::role_name(client.session_role);
  migration.effective_role = pg::role_name(GetUserId());
  migration.application_name = if_any(NameStr(client.application_name));
  migration.client_addr = if_any(client.address);
  migration.started_at = GetCurrentTransactionStartTimestamp();
  migration.changes = changes;
  append(migration);
}

}  // namespace

bool changes_something(const Node* tree) {
  if (IsA(tree, LockStmt)) return false;
  if (IsA(tree, VacuumStmt)) return is_full(reinterpret_cast<const VacuumStmt*>(tree));
  if (!IsA(tree, TruncateStmt)) return true;
  const auto* statement = reinterpret_cast<const TruncateStmt*>(tree);
  if (statement->restart_seqs || statement->behavior == DROP_CASCADE) return true;
  const ListCell* cell;
  foreach (cell, statement->relations)
    if (!is_empty(static_cast<const RangeVar*>(lfirst(cell)))) return true;
  return false;
}

void record(const PlannedStmt* planned, const guard::Attempt& attempt) {
  const pg::EnsuredSnapshot snapshot;
  if (being_restored()) return;
  const std::string_view text = statement_text(attempt);
  Change change;
  change.migration_id = current_migration();
  change.base = NameStr(attempt.base_name);
  migration_base = attempt.base_name;
  change.command = pg::call([&] { return CreateCommandName(planned->utilityStmt); });
  change.statement = beginning(model::mask_secrets(text, !standard_conforming_strings));
  change.statement_length = static_cast<int64_t>(text.size());
  change.statement_digest = digest_of(text);
  change.effective_role = pg::role_name(attempt.role);
  change.at = pg::now();
  append(change);
}

void watch_migrations() {
  at_commit(finish_migration);
  pg::call([] { RegisterXactCallback(forget, nullptr); });
}

}  // namespace strata::provenance
