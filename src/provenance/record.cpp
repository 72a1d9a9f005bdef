// Owns: what this session knows of the migration it is in (see record.hpp).
#include "provenance/record.hpp"

#include "guard/admission.hpp"
#include "guard/overrides.hpp"
#include "model/mask.hpp"
#include "pg/client.hpp"
#include "pg/clock.hpp"
#include "pg/names.hpp"
#include "pg/row_writer.hpp"
#include "pg/session.hpp"
#include "pg/table_facts.hpp"
#include "provenance/capture.hpp"
#include "provenance/chain.hpp"
#include "provenance/entries.hpp"
#include "provenance/restore.hpp"
#include "settings.hpp"

extern "C" {
#include "access/xact.h"
#include "catalog/namespace.h"
#include "catalog/pg_inherits.h"
#include "parser/parser.h"
#include "tcop/cmdtag.h"
#include "tcop/tcopprot.h"
#include "tcop/utility.h"
#include "utils/timestamp.h"
}

namespace strata::provenance {
namespace {

// How much of a statement is kept.
constexpr size_t kStatementRoom = 100000;

// The migration of this transaction; its number 0: none yet. Changes of it that rolled back are no
// matter: what counts is what is linked.
int64_t migration_id = 0;
NameData migration_base;
model::Risk migration_risk = model::Risk::Low;
int64_t migration_proposal = 0;
int64_t migration_override = 0;

int64_t current_migration() {
  if (migration_id == 0) migration_id = new_migration_id();
  return migration_id;
}

void forget(XactEvent event, void*) {
  if (event != XACT_EVENT_COMMIT && event != XACT_EVENT_ABORT && event != XACT_EVENT_PREPARE)
    return;
  migration_id = migration_proposal = migration_override = 0;
  migration_risk = model::Risk::Low;
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

Text if_any(const char* text) {
  return text[0] != '\0' ? Text(text) : std::nullopt;
}

bool is_empty(const RangeVar* table) {
  const Oid relation = pg::call([&] { return RangeVarGetRelid(table, NoLock, true); });
  return OidIsValid(relation) && pg::disk_bytes(relation) == 0 &&
         (!table->inh || !pg::call([&] { return has_subclass(relation); }));
}

bool changes_something(const Node* tree) {
  if (IsA(tree, LockStmt)) return false;
  if (!IsA(tree, TruncateStmt)) return true;
  const auto* statement = reinterpret_cast<const TruncateStmt*>(tree);
  if (statement->restart_seqs || statement->behavior == DROP_CASCADE) return true;
  const ListCell* cell;
  foreach (cell, statement->relations)
    if (!is_empty(static_cast<const RangeVar*>(lfirst(cell)))) return true;
  return false;
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
  migration.effective_role = pg::role_name(GetUserId());
  migration.application_name = if_any(NameStr(client.application_name));
  migration.client_addr = if_any(client.address);
  migration.started_at = GetCurrentTransactionStartTimestamp();
  migration.changes = changes;
  migration.name = if_any(migration_name());
  migration.ticket = if_any(migration_ticket());
  migration.rationale = if_any(migration_rationale());
  migration.source = if_any(migration_source());
  migration.risk = std::string(model::name(migration_risk));
  if (migration_proposal != 0) migration.proposal_id = migration_proposal;
  if (migration_override != 0) migration.override_id = migration_override;
  append(migration);
}

}  // namespace

bool concerns(const Node* tree) {
  switch (nodeTag(tree)) {
    case T_CommentStmt:
    case T_SecLabelStmt:
    case T_CreateTableAsStmt:
      return true;
    case T_LockStmt:
    case T_VacuumStmt:
    case T_VariableSetStmt:
      return false;
    default:
      return guard::concerns(tree);
  }
}

Capture* begin(Node* tree, const guard::Admission& admission) {
  if (!concerns(tree) || !changes_something(tree)) return nullptr;
  MemoryContext const context = pg::make_context("pg_strata capture");
  auto* capture = pg::make_in<Capture>(context, context);
  capture->began = pg::now();
  capture->before(tree, admission.facts);
  return capture;
}

void discard(Capture* capture) {
  if (capture != nullptr) MemoryContextDelete(capture->context);
}

bool recording() noexcept {
  return Capture::innermost() != nullptr;
}

void saw_changed(Oid classid, Oid object, int32_t subid) {
  if (Capture* capture = Capture::innermost()) capture->saw_changed({classid, object, subid});
}

void saw_made(Oid classid, Oid object) {
  if (Capture* capture = Capture::innermost()) capture->saw_made({classid, object, 0});
}

void record(const PlannedStmt* planned, const guard::Attempt& attempt,
            const guard::Admission& admission, Capture* capture) {
  Change change;
  const bool touched = capture->after(admission.facts, &change);
  const int64_t began = capture->began;
  discard(capture);
  if (!touched && !OidIsValid(attempt.base)) return;
  const pg::EnsuredSnapshot snapshot;
  if (being_restored()) return;
  const std::string_view text = statement_text(attempt);
  change.migration_id = current_migration();
  change.base = OidIsValid(attempt.base) ? NameStr(attempt.base_name) : change.base;
  namestrcpy(&migration_base, change.base.c_str());
  change.command = pg::call([&] { return CreateCommandName(planned->utilityStmt); });
  if (!admission.facts.object.empty()) change.object = admission.facts.object;
  change.statement = model::mask_secrets(text, !standard_conforming_strings, kStatementRoom);
  change.statement_length = static_cast<int64_t>(text.size());
  change.statement_digest = digest_of(text);
  change.effective_role = pg::role_name(attempt.role);
  change.at = pg::now();
  change.duration = change.at - began;
  change.hazards = model::names(admission.judgement.hazards);
  change.risk = std::string(model::name(admission.judgement.risk));
  const model::Lock lock = admission.facts.strongest_lock();
  if (lock != model::Lock::None) change.lock_mode = std::string(model::name(lock));
  if (admission.match && !admission.match->is_free) change.proposal_id = admission.match->proposal;
  if (admission.judgement.action > model::Action::Warn)
    change.override_id = guard::active_override(change.base);
  migration_risk = std::max(migration_risk, admission.judgement.risk);
  if (change.proposal_id) migration_proposal = *change.proposal_id;
  if (change.override_id) migration_override = *change.override_id;
  append(change);
}

void watch_migrations() {
  at_commit(finish_migration);
  pg::call([] { RegisterXactCallback(forget, nullptr); });
}

}  // namespace strata::provenance
