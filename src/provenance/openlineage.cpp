// The SQL function strata.export_openlineage(): what was recorded as OpenLineage events. A
// statement is a run, its transaction the run's parent, relations are datasets. docs/provenance.md
// has the form.
//
// Which columns the columns of versions come from is followed from the first entry on, whichever
// is the first that is wanted (model/column_lineage.hpp).
#include "model/json.hpp"
#include "model/json_value.hpp"
#include "model/sql_names.hpp"
#include "model/version_name.hpp"
#include "pg/function.hpp"
#include "pg/timeline.hpp"
#include "provenance/export_row.hpp"
#include "provenance/openlineage_json.hpp"
#include "provenance/recorded_objects.hpp"

extern "C" {
#include "commands/dbcommands.h"
#include "miscadmin.h"
}

namespace strata::provenance {
namespace {

using model::BaseRelation;
using model::json_string;

class Exporter {
 public:
  Exporter(const pg::Moment& moment, Place place) : moment_(moment), place_(std::move(place)) {}

  // The events of an entry.
  std::vector<std::string> read(const model::ChainEntry& entry, const ExportRow& row) {
    outputs_.clear();
    inputs_.clear();
    if (entry.kind == "change") return change(entry, row);
    if (entry.kind == "migration") return migration(entry, row);
    if (entry.kind == "attempt" && row.fields.contains("statement")) return attempt(entry, row);
    return {};
  }

 private:
  std::string provenance_facet(const model::ChainEntry& entry, const Fields& fields) const {
    std::string members =
        fmt::format(R"("seq": {}, "hash": "{}")", entry.seq, model::hex(entry.hash));
    for (const char* name : {"session_role", "effective_role", "application_name", "hazards",
                             "risk", "proposal_id", "override_id", "ticket", "rationale", "source"})
      if (const auto found = fields.find(name); found != fields.end())
        members += fmt::format(R"(, "{}": {})", name, json_string(found->second));
    return R"("strata_provenance": )" + own_facet(members);
  }

  std::string migration_job(const Fields& fields, int64_t id) const {
    const std::string name = value_of(fields, {"name", "label"});
    return place_.database + "." + (name.empty() ? fmt::format("migration {}", id) : name);
  }

  std::vector<std::string> migration(const model::ChainEntry& entry, const ExportRow& row) {
    return events(place_, {run_id(entry, "migration", entry.ref),
                           provenance_facet(entry, row.fields),
                           migration_job(row.fields, entry.ref),
                           {},
                           "COMPLETE",
                           row.began.value_or(entry.at),
                           entry.at,
                           datasets(place_, {}, {})});
  }

  std::vector<std::string> attempt(const model::ChainEntry& entry, const ExportRow& row) {
    const std::string error =
        facet("1-0-1", "ErrorMessageRunFacet",
              fmt::format(R"("message": {}, "programmingLanguage": "SQL")",
                          json_string(value_of(row.fields, {"sqlstate"}) + ": " +
                                      value_of(row.fields, {"reason"}))));
    return events(place_,
                  {run_id(entry, "attempt", entry.ref),
                   provenance_facet(entry, row.fields) + ", \"errorMessage\": " + error,
                   fmt::format("{}.attempt {}", place_.database, entry.ref),
                   value_of(row.fields, {"statement"}), "FAIL", row.began.value_or(entry.at),
                   row.began.value_or(entry.at), datasets(place_, {}, {})});
  }

  std::vector<std::string> change(const model::ChainEntry& entry, const ExportRow& row) {
    const std::string command = value_of(row.fields, {"command"});
    const std::string object = value_of(row.fields, {"object"});
    const int64_t migration_id =
        strtoll(value_of(row.fields, {"migration_id"}).c_str(), nullptr, 10);
    objects(row.fields, command, migration_id);
    call(row.fields, command);
    mappings(row.fields);
    if (command == "TRUNCATE TABLE") truncated(object);
    for (const model::VersionRelation& shown : lineage_.shown())
      if (touched_.contains(shown.reads)) version_output(shown, "");
    const std::string parent = migration_name(migration_id);
    return events(
        place_,
        {run_id(entry, "change", entry.ref),
         fmt::format(
             R"({}, "parent": {})", provenance_facet(entry, row.fields),
             facet(
                 "1-1-0", "ParentRunFacet",
                 fmt::format(R"("run": {{"runId": "{}"}}, "job": {{"namespace": {}, "name": {}}})",
                             run_id(entry, "migration", migration_id),
                             json_string(place_.name_space), json_string(parent)))),
         parent + "." + command + (object.empty() ? "" : " " + object),
         value_of(row.fields, {"statement"}), "COMPLETE", row.began.value_or(entry.at),
         row.ended.value_or(entry.at), datasets(place_, outputs_, inputs_)});
  }

  // The name of a change's migration, which follows it in the chain.
  std::string migration_name(int64_t id) {
    if (id != named_migration_) {
      const auto row = row_of("migration", id, moment_);
      migration_name_ = migration_job(row ? row->fields : Fields{}, id);
      named_migration_ = id;
    }
    return migration_name_;
  }

  void objects(const Fields& fields, const std::string& command, int64_t migration) {
    RecordedObjects recorded =
        recorded_objects(value_of(fields, {"before"}), value_of(fields, {"after"}));
    touched_ = std::move(recorded.relations);
    for (const auto& [from, to] : recorded.renamed_bases)
      lineage_.rename_base(from, to);
    for (const auto& [oid, one] : touched_)
      if (one.before) lineage_.was(oid, *one.before);
    // What is gone first: others may take its name.
    for (const bool goes : {true, false})
      for (const auto& [oid, one] : touched_)
        if (goes == !one.after) lineage_.becomes(migration, oid, one.after);
    for (const auto& [oid, one] : touched_)
      base_output(one, command);
  }

  void base_output(const Touched& one, const std::string& command) {
    const BaseRelation& last = one.after ? *one.after : *one.before;
    OutputDataset out;
    out.name = place_.dataset(last.schema, last.name);
    for (const auto& [number, column] : last.columns)
      if (one.after) out.schema.push_back(column);
    const std::string former =
        one.before ? place_.dataset(one.before->schema, one.before->name) : out.name;
    const bool renamed = former != out.name;
    if (!one.before)
      out.lifecycle =
          command == "strata.track" || command == "strata.prune_provenance" ? "" : "CREATE";
    else if (!one.after)
      out.lifecycle = "DROP";
    else
      out.lifecycle = renamed ? "RENAME" : "ALTER";
    if (renamed) out.previous = former;
    if (one.before && one.after)
      for (const auto& [number, column] : one.after->columns) {
        const auto was = one.before->columns.find(number);
        if (was == one.before->columns.end()) continue;
        const bool retyped = was->second.type != column.type;
        if (!renamed && !retyped && was->second.name == column.name) continue;
        const std::string how = retyped ? was->second.type + " to " + column.type : "";
        out.lineage.push_back({column.name, {{former, was->second.name, how}}});
        inputs_.insert(former);
      }
    outputs_.push_back(std::move(out));
  }

  void truncated(const std::string& object) {
    for (const auto& [schema, name] : model::qualified_names(object)) {
      OutputDataset out;
      out.name = place_.dataset(schema, name);
      out.lifecycle = "TRUNCATE";
      outputs_.push_back(std::move(out));
    }
  }

  // Calls of ours that change what versions show.
  void call(const Fields& fields, const std::string& command) {
    const std::string written = value_of(fields, {"arguments"});
    const auto arguments = model::read_json(written);
    if (!arguments) return;
    const std::string base = model::unquoted(arguments->member("base"));
    const std::string version = arguments->member("version");
    const auto number = [&](const char* argument) -> uint32_t {
      const auto names = model::qualified_names(arguments->member(argument));
      return names.empty() ? 0 : lineage_.named(names[0].first, names[0].second);
    };
    if (command == "strata.publish") {
      std::string schema = arguments->member("schema");
      if (schema.empty()) schema = model::version_schema_name(base, version);
      for (const auto& shown : lineage_.publish(base, version, schema))
        version_output(shown, "CREATE");
    } else if (command == "strata.retire") {
      for (const auto& shown : lineage_.retire(base, version)) {
        OutputDataset out;
        out.name = place_.dataset(shown.schema, shown.name);
        out.lifecycle = "DROP";
        said_.erase(out.name);
        outputs_.push_back(std::move(out));
      }
    } else if (command == "strata.replace_column") {
      const uint32_t relation = number("relation");
      lineage_.replace_column(relation, arguments->member("column_name"),
                              arguments->member("read_as"));
      touched_[relation];
    } else if (command == "strata.repoint") {
      lineage_.repoint(number("relation"), number("replacement"));
      touched_[number("replacement")];
    }
  }

  // What the server said that columns of versions read then.
  void mappings(const Fields& fields) {
    const std::string written = value_of(fields, {"mappings"});
    const auto list = model::read_json(written);
    if (!list) return;
    for (const model::JsonValue& one : list->items) {
      const model::JsonValue* after = one.find("after");
      if (after == nullptr) continue;
      const std::string kind = after->member("kind");
      lineage_.reads(value_of(fields, {"base"}), one.member("version"), one.member("relation"),
                     one.member("column"), after->member("read_as"),
                     kind == "direct" || kind == "renamed");
    }
  }

  // A relation of a version, when it is made of other columns than was said last.
  void version_output(const model::VersionRelation& shown, const std::string& lifecycle) {
    OutputDataset out;
    out.name = place_.dataset(shown.schema, shown.name);
    out.lifecycle = lifecycle;
    std::set<std::string> inputs;
    const BaseRelation* base = lineage_.relation(shown.reads);
    for (const model::VersionColumn& column : shown.columns) {
      out.schema.push_back({column.name, column.type, {}});
      LineageField field{column.name, {}};
      for (const int number : column.reads) {
        const auto read = base->columns.find(number);
        if (read == base->columns.end()) continue;
        std::string how = column.expression;
        if (how.empty() && read->second.type != column.type)
          how = read->second.type + " to " + column.type;
        field.inputs.push_back({place_.dataset(base->schema, base->name), read->second.name, how});
        inputs.insert(field.inputs.back().dataset);
      }
      if (!field.inputs.empty()) out.lineage.push_back(std::move(field));
    }
    std::string text = column_lineage(place_, out.lineage);
    std::string& said = said_[out.name];
    if (said == text) return;
    said = std::move(text);
    inputs_.merge(inputs);
    outputs_.push_back(std::move(out));
  }

  const pg::Moment& moment_;
  const Place place_;
  model::ColumnLineage lineage_;
  std::map<std::string, std::string> said_;  // of the versions' datasets, their lineage
  int64_t named_migration_ = 0;
  std::string migration_name_;
  // Of the entry that is read.
  std::map<uint32_t, Touched> touched_;
  std::vector<OutputDataset> outputs_;
  std::set<std::string> inputs_;
};

// Two servers may have databases of the same name, so that without a namespace the cluster's
// identifier is part of all names.
Place place_of(const pg::Arguments& args) {
  Place out;
  out.name_space = args.is_null(1)
                       ? fmt::format("postgres://{}", pg::log_position().system_identifier)
                       : args.text(1);
  out.database = pg::call([] { return get_database_name(MyDatabaseId); });
  return out;
}

}  // namespace
}  // namespace strata::provenance

STRATA_FUNCTION(export_openlineage) {
  using namespace strata::provenance;
  strata::pg::ResultSet out(args, strata::pg::ResultSet::Scalar());
  const int64_t from = args.is_null(0) ? 0 : args.int8(0);
  const strata::pg::Moment moment;
  EntryScan scan(moment, INT64_MIN);
  Exporter exporter(moment, place_of(args));
  while (scan.next()) {
    const auto row = row_of(scan.entry().source, scan.entry().ref, moment);
    if (!row) continue;
    for (const std::string& event : exporter.read(scan.entry(), *row))
      if (scan.entry().seq >= from) out.add({event});
  }
  return args.none();
}
