// Owns: the translation of errors (see words.hpp).
#include "rewrite/words.hpp"

#include "pg/key_columns.hpp"
#include "pg/names.hpp"
#include "pg/relation.hpp"
#include "pg/spi.hpp"

namespace strata::rewrite {
namespace {

bool is(const char* text, const std::string& expected) {
  return text != nullptr && expected == text;
}

std::string replaced(const std::string& text, const std::string& from, const std::string& to) {
  const size_t at = text.find(from);
  return at == std::string::npos ? text : text.substr(0, at) + to + text.substr(at + from.size());
}

std::string in_quotes(const std::string& name) {
  return "\"" + name + "\"";
}

// What is said of one base column of the error.
std::string about(const Words& words, const std::string& stored) {
  const auto column = words.columns.find(stored);
  const std::string base = words.base_schema + "." + words.base;
  if (column == words.columns.end() || column->second.shown.empty())
    return fmt::format("Version view {}.{} does not show column \"{}\" of {}.", words.view_schema,
                       words.view, stored, base);
  return fmt::format("Column \"{}\" of version view {}.{} is stored in \"{}\" of {}.",
                     column->second.shown, words.view_schema, words.view, stored, base);
}

}  // namespace

Words words_of(const catalog::VersionView& view, const WriteMapping& mapping) {
  Words out;
  out.view_schema = pg::schema_name(pg::relation_schema(view.view));
  out.view = pg::relation_name(view.view);
  if (view.kind == catalog::Kind::kTwin) {
    // Its own name nobody knows; what it stands for is the version's view of the same table.
    const catalog::Version* version = catalog::registry().version(view.version_id);
    if (version != nullptr) out.view_schema = version->schema;
    out.view = view.name;
  }
  out.base_schema = pg::schema_name(pg::relation_schema(view.base));
  out.base = pg::relation_name(view.base);
  const auto attributes = pg::attributes(view.base);
  const auto shown = pg::attributes(view.view);
  for (const auto& [attnum, attribute] : attributes)
    out.columns[attribute.name] = {attribute.name, ""};
  for (int i = 0; i < mapping.write_count; i++) {
    const BaseWrite& write = mapping.writes[i];
    const auto attribute = attributes.find(write.attnum);
    const auto input = shown.find(static_cast<AttrNumber>(bms_next_member(write.inputs, -1)));
    if (attribute != attributes.end() && input != shown.end())
      out.columns[attribute->second.name].shown = input->second.name;
  }
  for (const auto& [name, columns] : pg::key_columns(view.base))
    for (const AttrNumber attnum : columns) {
      const auto attribute = attributes.find(attnum);
      if (attribute != attributes.end()) out.keys[name].push_back(attribute->second.name);
    }
  return out;
}

Error in_words(const Error& error, const Words& words) {
  const ErrorData* data = error.server();
  if (data == nullptr || !is(data->table_name, words.base) ||
      !is(data->schema_name, words.base_schema))
    return error;
  std::string message = data->message != nullptr ? data->message : "";
  std::string explained;
  std::string column_name = data->column_name != nullptr ? data->column_name : "";
  std::vector<std::string> columns;
  Error::Fields fields;
  if (!column_name.empty()) {
    columns.push_back(column_name);
  } else if (data->constraint_name != nullptr) {
    const auto key = words.keys.find(data->constraint_name);
    if (key != words.keys.end()) columns = key->second;
  }
  for (const std::string& stored : columns) {
    const auto column = words.columns.find(stored);
    const std::string shown = column == words.columns.end() ? "" : column->second.shown;
    if (shown == stored) continue;
    explained += (explained.empty() ? "" : " ") + about(words, stored);
    if (shown.empty() && stored == column_name)
      fields.hint = fmt::format(
          "What inserts through versions store there: SELECT strata.fill_column({}, {}, "
          "'expression');",
          pg::quote_literal(pg::quote(words.base_schema) + "." + pg::quote(words.base)),
          pg::quote_literal(stored));
    if (shown.empty() || stored != column_name) continue;
    message = replaced(message, in_quotes(stored), in_quotes(shown));
    column_name = shown;
  }
  message =
      replaced(message, "relation " + in_quotes(words.base), "relation " + in_quotes(words.view));
  message = replaced(message, "table " + in_quotes(words.base), "table " + in_quotes(words.view));
  if (explained.empty() && words.base != words.view)
    explained = fmt::format("Version view {}.{} stores its rows in {}.{}.", words.view_schema,
                            words.view, words.base_schema, words.base);
  if (data->detail != nullptr && !explained.empty())
    explained = std::string(data->detail) + " " + explained;
  fields.message = message;
  if (!explained.empty()) fields.detail = explained;
  fields.schema_name = words.view_schema;
  fields.table_name = words.view;
  if (!column_name.empty()) fields.column_name = column_name;
  return error.with(fields);
}

}  // namespace strata::rewrite
