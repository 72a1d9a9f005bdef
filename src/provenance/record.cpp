// Owns: recording a statement (see record.hpp).
#include "provenance/record.hpp"

#include "guard/admission.hpp"
#include "model/mask.hpp"
#include "pg/catalog_watch.hpp"
#include "pg/clock.hpp"
#include "pg/names.hpp"
#include "pg/row_writer.hpp"
#include "pg/session.hpp"
#include "pg/table_facts.hpp"
#include "provenance/capture.hpp"
#include "provenance/decision.hpp"
#include "provenance/entries.hpp"
#include "provenance/migration.hpp"
#include "provenance/restore.hpp"
#include "provenance/touched.hpp"

extern "C" {
#include "catalog/namespace.h"
#include "catalog/pg_inherits.h"
#include "parser/parser.h"
#include "tcop/cmdtag.h"
#include "tcop/tcopprot.h"
#include "tcop/utility.h"
}

namespace strata::provenance {
namespace {

// How much of a statement is kept.
constexpr size_t kStatementRoom = 100000;

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

// EXPLAIN ANALYZE CREATE TABLE AS, or MATERIALIZED VIEW, makes it.
bool makes_what_it_explains(const ExplainStmt* statement) {
  if (!IsA(statement->query, Query)) return false;
  const auto* query = reinterpret_cast<const Query*>(statement->query);
  return query->commandType == CMD_UTILITY && IsA(query->utilityStmt, CreateTableAsStmt);
}

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

void forget(Oid relation) noexcept {
  for (Capture* capture = Capture::innermost(); capture != nullptr; capture = capture->outer())
    capture->forget(relation);
  touched_may_be_stale(relation);
}

}  // namespace

bool concerns(const Node* tree) {
  switch (nodeTag(tree)) {
    case T_CommentStmt:
    case T_SecLabelStmt:
    case T_CreateTableAsStmt:
      return true;
    case T_ExplainStmt:
      return makes_what_it_explains(reinterpret_cast<const ExplainStmt*>(tree));
    case T_LockStmt:
    case T_VariableSetStmt:
      return false;
    default:
      return guard::concerns(tree);
  }
}

void begin(Node* tree, const guard::Admission& admission, Capture** capture) {
  if (!concerns(tree) || !changes_something(tree)) return discard(std::exchange(*capture, nullptr));
  if (*capture == nullptr) *capture = begin_capture();
  (*capture)->before(tree, admission.facts);
  (*capture)->wait_for_commented(tree);
}

Capture* begin_capture() {
  MemoryContext const context = pg::make_context("pg_strata capture");
  auto* capture = pg::make_in<Capture>(context, context);
  capture->began = pg::now();
  capture->locks = pg::lock_tally();
  return capture;
}

Start start() noexcept {
  return {pg::now(), pg::lock_tally()};
}

void locked(Capture* capture, const Start& start) {
  if (capture == nullptr) return;
  capture->began = start.at;
  capture->locks = start.locks;
  // What commits in between gives back its locks and takes others.
  if (pg::lock_tally().taken > start.locks.taken) capture->locked_at = pg::now();
}

void discard(Capture* capture) {
  if (capture != nullptr) MemoryContextDelete(capture->context);
}

void watch_captures() {
  pg::on_relation_change(forget);
}

bool recording() noexcept {
  return Capture::innermost() != nullptr;
}

void saw_changed(Oid classid, Oid object, int32_t subid) {
  if (Capture* capture = Capture::innermost()) capture->saw_changed({classid, object, subid});
}

void saw_made(Oid classid, Oid object, int32_t subid) {
  if (Capture* capture = Capture::innermost()) capture->saw_made({classid, object, subid});
}

void will_repoint(Oid relation) {
  if (Capture* capture = Capture::innermost()) capture->watch_mappings(relation);
}

void record(const PlannedStmt* planned, const guard::Attempt& attempt,
            const guard::Admission& admission, Capture* capture) {
  Change change;
  const bool touched = capture->after(admission.facts, &change);
  const int64_t began = capture->began;
  change.locked_at = capture->locked_at;
  if (change.locked_at) change.lock_wait = pg::lock_tally().waited - capture->locks.waited;
  discard(capture);
  if (!touched && !OidIsValid(attempt.base)) return;
  const pg::EnsuredSnapshot snapshot;
  if (being_restored()) return;
  const std::string_view text = guard::statement_in(attempt);
  change.base = OidIsValid(attempt.base) ? NameStr(attempt.base_name) : change.base;
  change.migration_id = join_migration(change.base);
  change.command = pg::call([&] { return CreateCommandName(planned->utilityStmt); });
  if (!admission.facts.object.empty()) change.object = admission.facts.object;
  change.statement =
      pg::clipped(model::mask_secrets(text, !standard_conforming_strings), kStatementRoom);
  change.statement_length = static_cast<int64_t>(text.size());
  change.statement_digest = digest_of(text);
  change.effective_role = pg::role_name(attempt.role);
  change.at = pg::now();
  change.duration = change.at - began;
  add_decision(admission, &change);
  note_in_migration(admission.judgement.risk, change.proposal_id, change.override_id);
  append(change);
}

}  // namespace strata::provenance
