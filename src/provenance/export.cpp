// The SQL function strata.export_provenance(): entries as in-toto Statements v1, with a predicate
// of the shape of SLSA's provenance v1. docs/provenance.md has the form.
#include "model/json.hpp"
#include "pg/function.hpp"
#include "provenance/entry_scan.hpp"

namespace strata::provenance {
namespace {

using Fields = std::map<std::string, std::string>;
using model::json_string;

constexpr const char* kStatementType = "https://in-toto.io/Statement/v1";
constexpr const char* kOurs = "urn:pg-strata:provenance:v1";

// The columns of the entry's row as they were hashed; no value when the row is gone.
std::optional<Fields> row_of(const model::ChainEntry& entry, const pg::Moment& moment) {
  pg::RowScan scan(entry.source, moment, entry.ref);
  if (!scan.next() || scan.int8(1) != entry.ref) return std::nullopt;
  pg::RowForm form(scan.desc());
  Fields out;
  for (auto& [name, value] : form.fields(scan.values(), scan.nulls()))
    out.emplace(name, std::move(value));
  return out;
}

std::string only(const Fields& row, std::initializer_list<const char*> names) {
  Fields out;
  for (const char* name : names)
    if (const auto found = row.find(name); found != row.end()) out.insert(*found);
  return model::json_object(out);
}

std::string value_of(const Fields& row, std::initializer_list<const char*> names) {
  for (const char* name : names)
    if (const auto found = row.find(name); found != row.end()) return found->second;
  return {};
}

std::string entry_json(const model::ChainEntry& entry) {
  return fmt::format(
      R"({{"seq": {}, "kind": {}, "source": {}, "ref": {}, "at": "{}", "system_identifier": "{}", )"
      R"("timeline": {}, "digest": "{}", "prev_hash": "{}", "hash": "{}"}})",
      entry.seq, json_string(entry.kind), json_string(entry.source), entry.ref,
      model::iso_time(entry.at), entry.system_identifier, entry.timeline, model::hex(entry.digest),
      model::hex(entry.prev_hash), model::hex(entry.hash));
}

std::string statement(const model::ChainEntry& entry, const std::optional<Fields>& row) {
  const Fields none;
  const Fields& fields = row ? *row : none;
  const std::string began = value_of(fields, {"started_at", "at"});
  const std::string finished = model::iso_time(entry.at);
  return fmt::format(
      R"({{"_type": "{}", "subject": [{{"name": {}, "digest": {{"sha256": "{}"}}}}], )"
      R"("predicateType": "{}", "predicate": {{"buildDefinition": {{"buildType": {}, )"
      R"("externalParameters": {}, "internalParameters": {}, "resolvedDependencies": []}}, )"
      R"("runDetails": {{"builder": {{"id": "{}", "version": {{"pg_strata": "{}", "postgresql": "{}"}}}}, )"
      R"("metadata": {{"invocationId": {}, "startedOn": {}, "finishedOn": "{}"}}}}, )"
      R"("entry": {}, "row": {}}}}})",
      kStatementType, json_string(fmt::format("strata.{}/{}", entry.source, entry.ref)),
      model::hex(entry.digest), kOurs, json_string(fmt::format("{}:{}", kOurs, entry.kind)),
      only(fields, {"statement", "command", "object", "name", "ticket", "rationale", "source"}),
      only(fields, {"base", "effective_role", "session_role", "lock_mode", "hazards", "risk"}),
      kOurs, STRATA_VERSION, PG_VERSION,
      json_string(fmt::format("{}/{}/{}", entry.system_identifier, entry.timeline, entry.seq)),
      json_string(began.empty() ? finished : began), finished, entry_json(entry),
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
    out.add({statement(scan.entry(), row_of(scan.entry(), moment))});
  return args.none();
}
