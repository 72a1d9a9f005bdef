// Owns: writing the rows that are recorded (see entries.hpp).
#include "provenance/entries.hpp"

#include "pg/client.hpp"
#include "pg/clock.hpp"
#include "pg/names.hpp"
#include "pg/row_writer.hpp"
#include "provenance/chain.hpp"

namespace strata::provenance {
namespace {

using pg::SqlArg;

SqlArg text(const Text& value) {
  return SqlArg::text_or_null(value);
}

SqlArg name(const Text& value) {
  return SqlArg::name_or_null(value);
}

SqlArg number(const Number& value) {
  if (value) return SqlArg::int8(*value);
  SqlArg none = SqlArg::int8(0);
  none.null = true;
  return none;
}

SqlArg no_time() {
  SqlArg none = pg::time_arg(0);
  none.null = true;
  return none;
}

}  // namespace

int64_t new_migration_id() {
  return pg::next_number("migration");
}

int64_t append(const Change& change) {
  const pg::WrittenRow row = pg::write_row(
      "change", {{"migration_id", SqlArg::int8(change.migration_id)},
                 {"base", name(change.base.empty() ? Text() : change.base)},
                 {"command", SqlArg::text(change.command)},
                 {"object", text(change.object)},
                 {"statement", SqlArg::text(change.statement)},
                 {"statement_length", SqlArg::int8(change.statement_length)},
                 {"statement_digest", pg::bytes_arg(change.statement_digest)},
                 {"effective_role", SqlArg::name(change.effective_role)},
                 {"at", pg::time_arg(change.at)},
                 {"hazards", SqlArg::texts(change.hazards)},
                 {"risk", text(change.risk)},
                 {"lock_mode", text(change.lock_mode)},
                 {"lock_wait", pg::interval_arg(change.lock_wait)},
                 {"locked_at", change.locked_at ? pg::time_arg(*change.locked_at) : no_time()},
                 {"duration", pg::interval_arg(change.duration)},
                 {"rewrote", SqlArg::boolean(change.rewrote)},
                 {"before", text(change.before)},
                 {"after", text(change.after)},
                 {"mappings", text(change.mappings)},
                 {"dropped", SqlArg::texts(change.dropped)},
                 {"versions_affected", SqlArg::texts(change.versions_affected)},
                 {"proposal_id", number(change.proposal_id)},
                 {"override_id", number(change.override_id)},
                 {"window", text(change.window)},
                 {"arguments", text(change.arguments)},
                 {"objects", SqlArg::texts({change.objects.begin(), change.objects.end()})},
                 {"oids", SqlArg::oids({change.oids.begin(), change.oids.end()})}});
  link("change", "change", row.id, row.digest);
  return row.id;
}

void append(const Migration& migration) {
  const pg::WrittenRow row =
      pg::write_row("migration", {{"migration_id", SqlArg::int8(migration.migration_id)},
                                  {"name", text(migration.name)},
                                  {"base", name(migration.base)},
                                  {"tool", text(migration.tool)},
                                  {"label", text(migration.label)},
                                  {"session_role", SqlArg::name(migration.session_role)},
                                  {"effective_role", SqlArg::name(migration.effective_role)},
                                  {"application_name", text(migration.application_name)},
                                  {"client_addr", text(migration.client_addr)},
                                  {"identity", text(migration.identity)},
                                  {"started_at", pg::time_arg(migration.started_at)},
                                  {"ticket", text(migration.ticket)},
                                  {"rationale", text(migration.rationale)},
                                  {"source", text(migration.source)},
                                  {"proposal_id", number(migration.proposal_id)},
                                  {"override_id", number(migration.override_id)},
                                  {"risk", text(migration.risk)},
                                  {"changes", SqlArg::int4(migration.changes)},
                                  {"part_of", number(migration.part_of)}});
  link("migration", "migration", row.id, row.digest);
}

int64_t append_event(const std::string& kind, const Text& base, const std::string& json) {
  const pg::WrittenRow row = pg::write_row(
      "provenance_event", {{"kind", SqlArg::text(kind)},
                           {"base", name(base)},
                           {"at", pg::time_arg(pg::now())},
                           {"role", SqlArg::name(NameStr(pg::client().session_role_name))},
                           {"body", SqlArg::text(json)}});
  link(kind, "provenance_event", row.id, row.digest);
  return row.id;
}

std::string digest_of(std::string_view text) {
  pg::Sha256 hash;
  const model::Digest digest = hash(text);
  return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

}  // namespace strata::provenance
