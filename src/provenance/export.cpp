// The SQL function strata.export_provenance(): entries as in-toto Statements v1, with a predicate
// of the shape of SLSA's provenance v1. docs/provenance.md has the form.
#include "model/json.hpp"
#include "model/json_value.hpp"
#include "pg/function.hpp"
#include "provenance/export_row.hpp"

extern "C" {
#include "mb/pg_wchar.h"
}

namespace strata::provenance {
namespace {

using model::json_string;

constexpr const char* kStatementType = "https://in-toto.io/Statement/v1";
constexpr const char* kOurs = "urn:pg-strata:provenance:v1";

std::string only(const Fields& row, std::initializer_list<const char*> names) {
  Fields out;
  for (const char* name : names)
    if (const auto found = row.find(name); found != row.end()) out.insert(*found);
  return model::json_object(out);
}

std::string entry_json(const model::ChainEntry& entry) {
  return fmt::format(
      R"({{"seq": {}, "kind": {}, "source": {}, "ref": {}, "at": "{}", "system_identifier": "{}", )"
      R"("timeline": {}, "digest": "{}", "prev_hash": "{}", "hash": "{}"}})",
      entry.seq, json_string(entry.kind), json_string(entry.source), entry.ref,
      model::iso_time(entry.at), entry.system_identifier, entry.timeline, model::hex(entry.digest),
      model::hex(entry.prev_hash), model::hex(entry.hash));
}

// A database without an encoding has bytes; they are taken as they are, as in the digests of rows.
model::Digest digest_in_utf8(std::string_view text) {
  if (GetDatabaseEncoding() == PG_SQL_ASCII) return model::sha256(text);
  const char* utf8 = pg::call(
      [&] { return pg_server_to_any(text.data(), static_cast<int>(text.size()), PG_UTF8); });
  return model::sha256(utf8 == text.data() ? text : std::string_view(utf8));
}

// The definitions in an object of them by name, each with the digest of its text.
std::string definitions(const Fields& row, const char* column) {
  const auto found = row.find(column);
  if (found == row.end()) return {};
  const auto objects = model::read_json(found->second);
  if (!objects) return {};
  std::string out;
  if (objects->kind != model::JsonValue::Kind::kObject) return {};
  for (const model::JsonValue& definition : objects->items)
    out += fmt::format(R"(, {{"name": {}, "digest": {{"sha256": "{}"}}}})",
                       json_string(definition.name()), model::hex(digest_in_utf8(definition.text)));
  return out;
}

std::string statement(const model::ChainEntry& entry, const std::optional<ExportRow>& row) {
  const Fields none;
  const Fields& fields = row ? row->fields : none;
  const std::string finished = model::iso_time(entry.at);
  const std::string before = definitions(fields, "before");
  return fmt::format(
      R"({{"_type": "{}", "subject": [{{"name": {}, "digest": {{"sha256": "{}"}}}}{}], )"
      R"("predicateType": "{}", "predicate": {{"buildDefinition": {{"buildType": {}, )"
      R"("externalParameters": {}, "internalParameters": {}, "resolvedDependencies": [{}]}}, )"
      R"("runDetails": {{"builder": {{"id": "{}", "version": {{"pg_strata": "{}", "postgresql": "{}"}}}}, )"
      R"("metadata": {{"invocationId": {}, "startedOn": "{}", "finishedOn": "{}"}}}}, )"
      R"("entry": {}, "row": {}}}}})",
      kStatementType, json_string(fmt::format("strata.{}/{}", entry.source, entry.ref)),
      model::hex(entry.digest), definitions(fields, "after"), kOurs,
      json_string(fmt::format("{}:{}", kOurs, entry.kind)),
      only(fields, {"statement", "command", "object", "arguments", "name", "label", "ticket",
                    "rationale", "source", "application_name"}),
      only(fields, {"base", "effective_role", "session_role", "client_addr", "identity", "tool",
                    "migration_id", "proposal_id", "override_id", "window", "lock_mode", "hazards",
                    "risk"}),
      before.empty() ? before : before.substr(2), kOurs, STRATA_VERSION, PG_VERSION,
      json_string(fmt::format("{}/{}/{}", entry.system_identifier, entry.timeline, entry.seq)),
      row && row->began ? model::iso_time(*row->began) : finished, finished, entry_json(entry),
      row ? model::json_object(fields) : "null");
}

}  // namespace
}  // namespace strata::provenance

STRATA_FUNCTION(export_provenance) {
  using namespace strata::provenance;
  strata::pg::ResultSet out(args, strata::pg::ResultSet::Scalar());
  const strata::pg::Moment moment;
  EntryScan scan(moment, args.is_null(0) ? 0 : args.int8(0));
  while (scan.next())
    out.add({statement(scan.entry(), row_of(scan.entry().source, scan.entry().ref, moment))});
  return args.none();
}
