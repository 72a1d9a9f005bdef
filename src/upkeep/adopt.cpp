// Owns: adoption of types (see adopt.hpp).
#include "upkeep/adopt.hpp"

#include "pg/internal_ddl.hpp"
#include "pg/names.hpp"
#include "pg/session.hpp"
#include "pg/spi.hpp"

extern "C" {
#include "catalog/dependency.h"
#include "catalog/objectaddress.h"
#include "catalog/pg_attrdef.h"
#include "catalog/pg_rewrite.h"
#include "utils/lsyscache.h"
}

namespace strata::upkeep {
namespace {

// Returns true when the object is a version view, or a rule or default of one.
bool of_version(const catalog::Registry& registry, const pg::Object& object) {
  if (object.classid == RelationRelationId) return registry.view(object.objid) != nullptr;
  if (object.classid == RewriteRelationId)
    return registry.view(pg::relation_of_rule(object.objid)) != nullptr;
  if (object.classid == AttrDefaultRelationId)
    return registry.view(pg::column_of_default(object.objid).objid) != nullptr;
  return false;
}

// Returns true when only version views use the type, or its array type.
bool only_versions_use(const catalog::Registry& registry, Oid type) {
  for (const pg::Dependency& dependent : pg::dependents_of({TypeRelationId, type, 0})) {
    if (dependent.type == DEPENDENCY_INTERNAL && dependent.object.classid == TypeRelationId) {
      if (!only_versions_use(registry, dependent.object.objid)) return false;
    } else if (dependent.type == DEPENDENCY_NORMAL && !of_version(registry, dependent.object)) {
      return false;
    }
  }
  return true;
}

bool of_contract(const ddl::Hit& hit) {
  return hit.what == ddl::Hit::What::kContract || hit.what == ddl::Hit::What::kDefault;
}

// Returns the type of the statement's own list that the hit is about, or InvalidOid.
Oid dropped_type(const ddl::Statement& statement, const ddl::Hit& hit) {
  if (!of_contract(hit) || hit.cause.classid != TypeRelationId) return InvalidOid;
  const Oid element = pg::call([&] { return get_element_type(hit.cause.objid); });
  for (const pg::Object& root : statement.drops)
    if (root.classid == TypeRelationId && (root.objid == hit.cause.objid || root.objid == element))
      return root.objid;
  return InvalidOid;
}

// Returns a name for the type in the version's schema: the one the contract knew it by, if free.
std::string adopted_name(pg::Spi& spi, Oid type, Oid schema) {
  const auto names = spi.query(
      "SELECT t.typname, (SELECT pg_catalog.parse_ident(pg_catalog.replace(c.type_name, '[]', '')) "
      "                   FROM strata.contract_column AS c WHERE c.type IN (t.oid, t.typarray) "
      "                   ORDER BY c.relation_id LIMIT 1) "
      "FROM pg_catalog.pg_type AS t WHERE t.oid = $1",
      {pg::SqlArg::oid(type)});
  const std::string current = names.at(0).at(0).value();
  std::vector<std::string> wanted;
  const auto known = spi.query(
      "SELECT n[pg_catalog.array_upper(n, 1)] FROM (SELECT $1::pg_catalog.text[] AS n) AS s WHERE "
      "n IS NOT NULL",
      {pg::SqlArg::text_or_null(names.at(0).at(1))});
  if (!known.empty() && known.at(0).at(0)) wanted.push_back(*known.at(0).at(0));
  wanted.push_back(current);
  for (int i = 1; i < 100; i++)
    wanted.push_back(fmt::format("{}_{}", current.substr(0, 58), i));
  for (const std::string& name : wanted)
    if (spi.query("SELECT FROM pg_catalog.pg_type WHERE typname = $1 AND typnamespace = $2",
                  {pg::SqlArg::name(name), pg::SqlArg::oid(schema)})
            .empty())
      return name;
  throw Error(ERRCODE_DUPLICATE_OBJECT, fmt::format("no free name for type \"{}\"", current));
}

// Moves one type into the schema of the oldest version that shows it.
void adopt(Oid type, const catalog::Version& version) {
  const pg::ActAs owner(pg::extension_owner());
  const pg::PinnedSearchPath path;
  const pg::InternalDdl internal;
  pg::Spi spi;
  const std::string before = pg::type_display(type, -1);
  const std::string name = adopted_name(spi, type, version.schema_oid);
  // Renamed where it is under a name nobody uses, moved, and only then given its name: in between,
  // neither schema may have a type of the same name.
  const std::string passage = fmt::format("strata_adopted_{}", type);
  const std::string from =
      *spi.query(
              "SELECT pg_catalog.quote_ident(n.nspname) FROM pg_catalog.pg_type AS t "
              "JOIN pg_catalog.pg_namespace AS n ON n.oid = t.typnamespace WHERE t.oid = $1",
              {pg::SqlArg::oid(type)})
           .at(0)
           .at(0);
  spi.run(fmt::format("ALTER TYPE {} RENAME TO {}", before, passage));
  spi.run(fmt::format("ALTER TYPE {}.{} SET SCHEMA {}", from, passage, pg::quote(version.schema)));
  spi.run(fmt::format("ALTER TYPE {}.{} RENAME TO {}", pg::quote(version.schema), passage,
                      pg::quote(name)));
  notice(fmt::format("type {} is now {}.{}", before, pg::quote(version.schema), pg::quote(name)),
         "It is dropped from the base schema, but live versions still show it.");
}

}  // namespace

bool adoptable(const ddl::Statement& statement, const std::vector<ddl::Hit>& hits,
               const ddl::Hit& hit) {
  const Oid type = dropped_type(statement, hit);
  if (!OidIsValid(type)) return false;
  for (const ddl::Hit& other : hits)
    if (!of_contract(other)) return false;
  return only_versions_use(catalog::registry(), type);
}

bool adopt_types(PlannedStmt** planned, const ddl::Statement& statement,
                 const std::vector<ddl::Hit>& hits) {
  std::map<Oid, int64_t> oldest;  // type -> version
  for (const ddl::Hit& hit : hits) {
    const Oid type = dropped_type(statement, hit);
    const catalog::VersionView* view = catalog::registry().view(hit.view);
    if (!OidIsValid(type) || view == nullptr || !adoptable(statement, hits, hit)) continue;
    const auto [at, fresh] = oldest.emplace(type, view->version_id);
    if (!fresh) at->second = std::min(at->second, view->version_id);
  }
  if (oldest.empty() || !IsA((*planned)->utilityStmt, DropStmt)) return false;

  auto* copy = pg::call([&] { return static_cast<PlannedStmt*>(copyObjectImpl(*planned)); });
  auto* drop = castNode(DropStmt, copy->utilityStmt);
  List* const names = drop->objects;
  drop->objects = NIL;
  ListCell* cell;
  foreach (cell, names) {
    auto* name = static_cast<Node*>(lfirst(cell));
    const bool adopted = pg::call([&] {
      Relation rel = nullptr;
      const ObjectAddress address =
          get_object_address(drop->removeType, name, &rel, AccessShareLock, true);
      for (const auto& [type, version] : oldest)
        if (address.objectId == type) return true;
      drop->objects = lappend(drop->objects, name);
      return false;
    });
    (void)adopted;
  }
  for (const auto& [type, version_id] : oldest) {
    const catalog::Version* version = catalog::registry().version(version_id);
    if (version != nullptr) adopt(type, catalog::Version(*version));
  }
  *planned = copy;
  return drop->objects == NIL;
}

}  // namespace strata::upkeep
