// Owns: collecting facts (see facts_builder.hpp).
#include "ddl/facts_builder.hpp"

#include "ddl/object_named.hpp"
#include "pg/names.hpp"
#include "pg/relation.hpp"
#include "pg/spi.hpp"

extern "C" {
#include "catalog/namespace.h"
#include "catalog/objectaddress.h"
#include "catalog/pg_inherits.h"
#include "catalog/pg_type.h"
#include "nodes/makefuncs.h"
#include "parser/parse_type.h"
}

namespace strata::ddl {

Oid FactsBuilder::find(const RangeVar* name) const {
  if (name == nullptr) return InvalidOid;
  if (foreseen_ != nullptr) {
    if (const Oid renamed = foreseen_->renamed_to(name); OidIsValid(renamed)) return renamed;
    if (foreseen_->makes(name)) return InvalidOid;
  }
  const Oid relation = pg::resolve(name);
  if (foreseen_ != nullptr && foreseen_->takes_away(relation)) return InvalidOid;
  return relation;
}

model::RelationFacts& FactsBuilder::add(Oid relation, Lock lock) {
  const auto [at, is_first] = places_.try_emplace(relation, facts.relations.size());
  if (!is_first) {
    model::RelationFacts& known = facts.relations[at->second];
    known.lock = std::max(known.lock, lock);
    return known;
  }
  const pg::TableFacts table = pg::table_facts(relation);
  model::RelationFacts added;
  added.oid = relation;
  added.schema = table.schema;
  added.name = pg::relation_display(relation);
  added.lock = lock;
  added.is_new = pg::made_here(relation);
  added.is_temp = table.is_temp();
  added.is_index = table.kind == RELKIND_INDEX || table.kind == RELKIND_PARTITIONED_INDEX;
  added.bytes = table.kind == RELKIND_FOREIGN_TABLE ? -1 : bytes_of(relation);
  added.is_empty = is_empty(added.is_index ? pg::table_of_index(relation) : relation);
  facts.relations.push_back(std::move(added));
  return facts.relations.back();
}

Oid FactsBuilder::add_named(const RangeVar* name, Lock lock) {
  if (name == nullptr) return InvalidOid;
  const Oid relation = find(name);
  if (OidIsValid(relation)) {
    model::RelationFacts& added = add(relation, lock);
    added.named = true;
    about(added.name);
    return relation;
  }
  if (foreseen_ != nullptr && foreseen_->makes(name)) add_made(name);
  return InvalidOid;
}

// Returns the schema that a name without one is made in.
static Oid creation_schema() {
  return pg::call([]() -> Oid {
    List* path = fetch_search_path(false);
    return path == NIL ? InvalidOid : linitial_oid(path);
  });
}

void FactsBuilder::in_schema(Oid schema) {
  if (!OidIsValid(schema)) return;
  std::vector<uint32_t>& schemas = facts.schemas;
  if (std::find(schemas.begin(), schemas.end(), schema) == schemas.end()) schemas.push_back(schema);
}

namespace {

// Returns the names in whatever node names the object; null for objects in no schema.
List* names_in(Node* object) {
  if (object == nullptr) return nullptr;
  if (IsA(object, ObjectWithArgs)) return castNode(ObjectWithArgs, object)->objname;
  if (IsA(object, TypeName)) return castNode(TypeName, object)->names;
  return IsA(object, List) ? castNode(List, object) : nullptr;
}

// Returns the name as the statement has it, without arguments.
std::string written(List* names) {
  std::string out;
  ListCell* cell;
  foreach (cell, names) {
    if (!IsA(lfirst(cell), String)) continue;
    if (!out.empty()) out += '.';
    out += pg::quote(strVal(lfirst(cell)));
  }
  return out;
}

// Returns the schema of a type or function that is named without one; InvalidOid for other objects.
Oid schema_found(ObjectType type, Node* object, List* names) {
  pg::Object found;
  if (type == OBJECT_TYPE || type == OBJECT_DOMAIN)
    found = {TypeRelationId, pg::call([&] {
               return LookupTypeNameOid(nullptr, makeTypeNameFromNameList(names), true);
             }),
             0};
  else if (IsA(object, ObjectWithArgs))
    found = object_named(type, object);
  if (!OidIsValid(found.objid)) return InvalidOid;
  const ObjectAddress address{found.classid, found.objid, found.subid};
  return pg::call([&] { return get_object_namespace(&address); });
}

}  // namespace

void FactsBuilder::in_schema_of(ObjectType type, Node* object) {
  if (object != nullptr && type == OBJECT_SCHEMA) {
    if (!IsA(object, String)) return;
    about(pg::quote(strVal(object)));
    return in_schema(pg::schema_oid(strVal(object)));
  }
  List* names = names_in(object);
  if (names == nullptr) return;
  // Before the name there is the access method.
  if (type == OBJECT_OPCLASS || type == OBJECT_OPFAMILY)
    names = pg::call([&] { return list_copy_tail(names, 1); });
  about(written(names));
  if (list_length(names) == 2 && IsA(linitial(names), String))
    return in_schema(pg::schema_oid(strVal(linitial(names))));
  if (list_length(names) != 1) return;
  const Oid found = schema_found(type, object, names);
  in_schema(OidIsValid(found) ? found : creation_schema());
}

// Its lock stops nobody, so none is said.
void FactsBuilder::add_made(const RangeVar* name) {
  model::RelationFacts made;
  made.schema = name->schemaname != nullptr ? pg::schema_oid(name->schemaname) : creation_schema();
  made.name = Foreseen::qualified(name);
  made.named = true;
  made.is_new = true;
  made.is_temp = name->relpersistence == RELPERSISTENCE_TEMP;
  about(made.name);
  facts.relations.push_back(std::move(made));
}

void FactsBuilder::add_indexes(Oid table, Lock lock) {
  for (const pg::IndexFacts& index : pg::indexes_of(table))
    add(index.index, lock);
}

void FactsBuilder::rewrite(Oid table) {
  model::RelationFacts& relation = add(table, Lock::AccessExclusive);
  relation.rewritten = relation.scanned = true;
  for (const pg::IndexFacts& index : pg::indexes_of(table))
    add(index.index, Lock::AccessExclusive).rewritten = true;
}

void FactsBuilder::scan(Oid relation, Lock lock) {
  add(relation, lock).scanned = true;
}

// What is written to or read from a table may come to a partition of it or from one.
bool FactsBuilder::is_empty(Oid relation) {
  Oid top = relation;
  while (pg::table_facts(top).partition)
    top = pg::parent_of(top);
  const auto [at, is_first] = empty_.try_emplace(top, false);
  if (!is_first || !pg::table_facts(top).exists()) return at->second;
  const std::vector<Oid> tree = pg::with_inheritors(top);
  return at->second = std::all_of(tree.begin(), tree.end(), [&](Oid part) {
           const char kind = pg::table_facts(part).kind;
           return (kind == RELKIND_RELATION || kind == RELKIND_PARTITIONED_TABLE) &&
                  bytes_of(part) == 0;
         });
}

int64_t FactsBuilder::bytes_of(Oid relation) {
  const auto [at, is_first] = bytes_.try_emplace(relation, 0);
  if (is_first) at->second = pg::disk_bytes(relation);
  return at->second;
}

// Others know it, and something else than versions.
bool FactsBuilder::has_users(Oid relation) {
  return !pg::table_facts(relation).is_temp() && !pg::made_here(relation) &&
         registry().views_of(relation).empty() && !is_empty(relation);
}

void FactsBuilder::break_readers(Oid relation) {
  facts.breaks_readers = facts.breaks_readers || has_users(relation);
}

void FactsBuilder::break_writers(Oid relation) {
  facts.breaks_writers = facts.breaks_writers || has_users(relation);
}

void FactsBuilder::break_both(Oid relation) {
  break_readers(relation);
  break_writers(relation);
}

void FactsBuilder::about(const std::string& name) {
  if (!facts.object.empty()) facts.object += ", ";
  facts.object += name;
}

void FactsBuilder::partly_reversible() {
  facts.reversibility = std::max(facts.reversibility, model::Reversibility::Partly);
}

void FactsBuilder::irreversible() {
  facts.reversibility = model::Reversibility::Irreversible;
}

void FactsBuilder::break_version(int64_t version_id) {
  const catalog::Version* version = registry().version(version_id);
  if (version == nullptr) return;
  std::vector<std::string>& names = facts.breaks_versions;
  const auto at = std::lower_bound(names.begin(), names.end(), version->version);
  if (at == names.end() || *at != version->version) names.insert(at, version->version);
}

std::vector<Oid> tree_of(Oid relation, bool inheritors) {
  return inheritors ? pg::with_inheritors(relation) : std::vector<Oid>{relation};
}

}  // namespace strata::ddl
