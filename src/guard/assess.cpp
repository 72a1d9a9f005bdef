// strata.assess: what statements would do, without running them.
//
// Owns: the rows it shows. Facts come from ddl/facts, the judgement is the one that decides when
// the statement is run.
#include "ddl/facts.hpp"
#include "ddl/safer_path.hpp"
#include "guard/judgement.hpp"
#include "model/hazard.hpp"
#include "model/joined.hpp"
#include "pg/followed_settings.hpp"
#include "pg/function.hpp"
#include "pg/names.hpp"
#include "pg/spi.hpp"

extern "C" {
#include "catalog/pg_namespace.h"
#include "parser/parser.h"
#include "tcop/tcopprot.h"
#include "utils/array.h"
}

namespace strata::guard {
namespace {

std::string array_literal(const std::vector<std::string>& items) {
  std::string out = "{";
  for (const std::string& item : items) {
    if (out.size() > 1) out += ',';
    out += '"';
    for (const char c : item) {
      if (c == '"' || c == '\\') out += '\\';
      out += c;
    }
    out += '"';
  }
  return out + "}";
}

// Of objects in schemas that the caller may not look into he is told nothing but that they are
// there.
bool may_see(uint32_t schema) {
  return !OidIsValid(schema) || pg::call([&] {
    return strata_compat_schema_aclcheck(schema, GetUserId(), ACL_USAGE) == ACLCHECK_OK;
  });
}

bool hides(const model::StatementFacts& facts) {
  for (const model::RelationFacts& relation : facts.relations)
    if (!may_see(relation.schema)) return true;
  for (const model::DroppedObject& dropped : facts.drops)
    if (!may_see(dropped.schema)) return true;
  return false;
}

std::vector<std::string> dropped_objects(const model::StatementFacts& facts) {
  std::vector<std::string> out;
  int hidden = 0;
  for (const model::DroppedObject& dropped : facts.drops) {
    if (dropped.is_part) continue;
    if (may_see(dropped.schema))
      out.push_back(dropped.type + " " + dropped.identity);
    else
      hidden++;
  }
  if (hidden > 0) out.push_back(fmt::format("in schemas you have no USAGE on: {}", hidden));
  return out;
}

std::optional<std::string> text_or_null(std::string text) {
  if (text.empty()) return std::nullopt;
  return text;
}

void add_row(pg::ResultSet& result, int number, const model::StatementFacts& facts,
             const Judgement& judgement, const std::string& advice) {
  const bool hidden = hides(facts);
  std::optional<std::string> bytes;
  if (!hidden && facts.bytes_touched() != INT64_MAX)
    bytes = fmt::format("{}", facts.bytes_touched());
  result.add({fmt::format("{}", number), facts.command, text_or_null(facts.object),
              text_or_null(std::string(model::name(facts.strongest_lock()))),
              facts.rewrites().empty() ? "false" : "true", facts.scans().empty() ? "false" : "true",
              bytes, array_literal(dropped_objects(facts)),
              array_literal(model::names(judgement.hazards)),
              std::string(model::name(judgement.risk)), array_literal(facts.breaks_versions),
              std::string(model::name(judgement.action)),
              text_or_null(model::joined(judgement.reasons, "; ")),
              text_or_null(hidden ? std::string() : advice)});
}

}  // namespace

STRATA_FUNCTION(assess) {
  args.require(0, "ddl");
  const std::string text = args.text(0);
  List* const statements = pg::call([&] { return pg_parse_query(text.c_str()); });
  pg::ResultSet result(args);
  ddl::Foreseen foreseen;
  pg::FollowedSettings settings;
  int number = 0;
  ListCell* cell;
  foreach (cell, statements) {
    const auto* statement = lfirst_node(RawStmt, cell);
    Node* const tree = statement->stmt;
    const model::StatementFacts facts = ddl::facts_of(tree, &foreseen);
    const Judgement judgement = judge(facts);
    const ddl::StatementText words(text, statement->stmt_location, statement->stmt_len);
    add_row(result, ++number, facts, judgement,
            ddl::safer_path(tree, words, facts, judgement.hazards));
    if (IsA(tree, VariableSetStmt)) settings.follow(castNode(VariableSetStmt, tree));
    foreseen.add(tree);
  }
  return args.none();
}

}  // namespace strata::guard
