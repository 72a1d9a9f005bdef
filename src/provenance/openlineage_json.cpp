// Owns: writing OpenLineage events (see openlineage_json.hpp).
#include "provenance/openlineage_json.hpp"

#include "model/json.hpp"

#include <fmt/format.h>

namespace strata::provenance {
namespace {

using model::json_string;

constexpr const char* kProducer = "urn:pg-strata:openlineage:" STRATA_VERSION;

std::string description(const std::string& schema_url, const std::string& members) {
  return fmt::format(R"({{"_producer": "{}", "_schemaURL": "{}"{}{}}})", kProducer, schema_url,
                     members.empty() ? "" : ", ", members);
}

std::string schema_facet(const std::vector<model::BaseRelation::Column>& columns) {
  std::string fields;
  int position = 0;
  for (const auto& column : columns)
    fields += fmt::format(
        R"({}{{"name": {}, "type": {}{}, "ordinal_position": {}}})", fields.empty() ? "" : ", ",
        json_string(column.name), json_string(column.type),
        column.comment.empty() ? "" : ", \"description\": " + json_string(column.comment),
        ++position);
  return facet("1-2-0", "SchemaDatasetFacet", fmt::format(R"("fields": [{}])", fields));
}

std::string lifecycle_facet(const Place& place, const OutputDataset& output) {
  std::string members = fmt::format(R"("lifecycleStateChange": "{}")", output.lifecycle);
  if (!output.previous.empty())
    members += fmt::format(R"(, "previousIdentifier": {{"namespace": {}, "name": {}}})",
                           json_string(place.name_space), json_string(output.previous));
  return facet("1-0-1", "LifecycleStateChangeDatasetFacet", members);
}

std::string output_dataset(const Place& place, const OutputDataset& output) {
  std::string facets;
  const auto add = [&](const char* name, const std::string& text) {
    facets += fmt::format(R"({}"{}": {})", facets.empty() ? "" : ", ", name, text);
  };
  if (!output.schema.empty()) add("schema", schema_facet(output.schema));
  if (!output.lifecycle.empty()) add("lifecycleStateChange", lifecycle_facet(place, output));
  if (!output.lineage.empty()) add("columnLineage", column_lineage(place, output.lineage));
  return fmt::format(R"({{"namespace": {}, "name": {}, "facets": {{{}}}}})",
                     json_string(place.name_space), json_string(output.name), facets);
}

}  // namespace

std::string Place::dataset(const std::string& schema, const std::string& relation) const {
  return database + "." + schema + "." + relation;
}

std::string run_id(const model::ChainEntry& entry, const std::string& source, int64_t ref) {
  std::string bytes;
  model::append_part(bytes, "pg_strata.run.1");
  model::append_part(bytes, entry.system_identifier);
  model::append_part(bytes, entry.timeline);
  model::append_part(bytes, source);
  model::append_part(bytes, ref);
  model::Digest digest = model::sha256(bytes);
  digest[6] = static_cast<uint8_t>((digest[6] & 0x0FU) | 0x80U);
  digest[8] = static_cast<uint8_t>((digest[8] & 0x3FU) | 0x80U);
  const std::string hex = model::hex(digest);
  return hex.substr(0, 8) + "-" + hex.substr(8, 4) + "-" + hex.substr(12, 4) + "-" +
         hex.substr(16, 4) + "-" + hex.substr(20, 12);
}

std::string column_lineage(const Place& place, const std::vector<LineageField>& fields) {
  std::string out;
  for (const LineageField& field : fields) {
    std::string inputs;
    for (const InputField& input : field.inputs)
      inputs += fmt::format(
          R"({}{{"namespace": {}, "name": {}, "field": {}, "transformations": [{{"type": "DIRECT", )"
          R"("subtype": "{}"{}, "masking": false}}]}})",
          inputs.empty() ? "" : ", ", json_string(place.name_space), json_string(input.dataset),
          json_string(input.field), input.transformation.empty() ? "IDENTITY" : "TRANSFORMATION",
          input.transformation.empty() ? ""
                                       : ", \"description\": " + json_string(input.transformation));
    out += fmt::format(R"({}{}: {{"inputFields": [{}]}})", out.empty() ? "" : ", ",
                       json_string(field.name), inputs);
  }
  return facet("1-2-0", "ColumnLineageDatasetFacet", fmt::format(R"("fields": {{{}}})", out));
}

std::string facet(const char* version, const char* schema, const std::string& members) {
  return description(fmt::format("https://openlineage.io/spec/facets/{}/{}.json#/$defs/{}", version,
                                 schema, schema),
                     members);
}

std::string own_facet(const std::string& members) {
  return description("urn:pg-strata:openlineage:provenance-run-facet:v1", members);
}

std::string datasets(const Place& place, const std::vector<OutputDataset>& outputs,
                     const std::set<std::string>& inputs) {
  std::string written;
  for (const OutputDataset& output : outputs)
    written += (written.empty() ? "" : ", ") + output_dataset(place, output);
  std::string read;
  for (const std::string& input : inputs)
    read += fmt::format(R"({}{{"namespace": {}, "name": {}}})", read.empty() ? "" : ", ",
                        json_string(place.name_space), json_string(input));
  return fmt::format(R"("inputs": [{}], "outputs": [{}])", read, written);
}

std::vector<std::string> events(const Place& place, const RunEvent& run) {
  const std::string job_facets =
      run.sql.empty()
          ? ""
          : fmt::format(R"("sql": {})", facet("1-1-0", "SQLJobFacet",
                                              fmt::format(R"("query": {}, "dialect": "postgresql")",
                                                          json_string(run.sql))));
  const auto event = [&](const std::string& type, int64_t at, const std::string& members) {
    return fmt::format(
        R"({{"eventType": "{}", "eventTime": "{}", "producer": "{}", )"
        R"("schemaURL": "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent", )"
        R"("run": {{"runId": "{}", "facets": {{{}}}}}, )"
        R"("job": {{"namespace": {}, "name": {}, "facets": {{{}}}}}, {}}})",
        type, model::iso_time(at), kProducer, run.run, run.run_facets,
        json_string(place.name_space), json_string(run.job), job_facets, members);
  };
  return {event("START", run.began, R"("inputs": [], "outputs": [])"),
          event(run.outcome, run.ended, run.datasets)};
}

}  // namespace strata::provenance
