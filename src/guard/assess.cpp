// strata.assess: what statements would do, without running them.
//
// Owns: the rows it shows. Facts come from ddl/facts, hazards and risk from model/hazard; the
// verdict of the policies is added in add_verdict, and only there.
#include "ddl/facts.hpp"
#include "ddl/safer_path.hpp"
#include "model/hazard.hpp"
#include "pg/function.hpp"
#include "pg/names.hpp"
#include "pg/spi.hpp"

extern "C" {
#include "catalog/pg_namespace.h"
#include "parser/parser.h"
#include "storage/proc.h"
#include "tcop/tcopprot.h"
#include "utils/array.h"
#include "utils/guc.h"
}

namespace strata::guard {
namespace {

struct Verdict {
  std::string action = "allow";
  std::optional<std::string> reason;
};

// The boundary to the policies.
Verdict verdict_of(const model::StatementFacts&, const model::HazardSet&, model::Risk) {
  return {};
}

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

std::vector<std::string> names_of(const model::HazardSet& hazards) {
  std::vector<std::string> out;
  hazards.each([&](model::Hazard hazard) { out.emplace_back(model::name(hazard)); });
  return out;
}

std::optional<std::string> text_or_null(std::string text) {
  if (text.empty()) return std::nullopt;
  return text;
}

void add_row(pg::ResultSet& result, int number, const model::StatementFacts& facts,
             const model::HazardSet& hazards, const std::string& advice) {
  const model::Risk risk = model::risk(facts, hazards, model::kSmallBytes);
  const Verdict verdict = verdict_of(facts, hazards, risk);
  const bool hidden = hides(facts);
  std::optional<std::string> bytes;
  if (!hidden && facts.bytes_touched() != INT64_MAX)
    bytes = fmt::format("{}", facts.bytes_touched());
  result.add({fmt::format("{}", number), facts.command, text_or_null(facts.object),
              text_or_null(std::string(model::name(facts.strongest_lock()))),
              facts.rewrites().empty() ? "false" : "true", facts.scans().empty() ? "false" : "true",
              bytes, array_literal(dropped_objects(facts)), array_literal(names_of(hazards)),
              std::string(model::name(risk)), array_literal(facts.breaks_versions), verdict.action,
              verdict.reason, text_or_null(hidden ? std::string() : advice)});
}

// SET lock_timeout in the text holds for what follows it.
void follow_setting(Node* tree, bool* lock_timeout) {
  if (!IsA(tree, VariableSetStmt)) return;
  auto* stmt = castNode(VariableSetStmt, tree);
  if (stmt->name == nullptr || strcmp(stmt->name, "lock_timeout") != 0) return;
  if (stmt->kind != VAR_SET_VALUE || stmt->args == NIL) {
    *lock_timeout = false;
    return;
  }
  const char* value = pg::call([&] { return ExtractSetVariableArgs(stmt); });
  int milliseconds = 0;
  const char* hint = nullptr;
  if (pg::call([&] { return parse_int(value, &milliseconds, GUC_UNIT_MS, &hint); }))
    *lock_timeout = milliseconds > 0;
}

}  // namespace

STRATA_FUNCTION(assess) {
  args.require(0, "ddl");
  const std::string text = args.text(0);
  List* const statements = pg::call([&] { return pg_parse_query(text.c_str()); });
  pg::ResultSet result(args);
  ddl::Foreseen foreseen;
  bool lock_timeout = LockTimeout > 0;
  int number = 0;
  ListCell* cell;
  foreach (cell, statements) {
    const auto* statement = lfirst_node(RawStmt, cell);
    Node* const tree = statement->stmt;
    model::StatementFacts facts = ddl::facts_of(tree, &foreseen);
    facts.has_lock_timeout = lock_timeout;
    const model::HazardSet hazards = model::hazards(facts);
    const ddl::StatementText words(text, statement->stmt_location, statement->stmt_len);
    add_row(result, ++number, facts, hazards, ddl::safer_path(tree, words, facts, hazards));
    follow_setting(tree, &lock_timeout);
    foreseen.add(tree);
  }
  return args.none();
}

}  // namespace strata::guard
