// Owns: adoption of types (see adopt.hpp).
#include "upkeep/adopt.hpp"

#include "ddl/type_use.hpp"
#include "pg/internal_ddl.hpp"
#include "pg/names.hpp"
#include "pg/session.hpp"
#include "pg/spi.hpp"
#include "version/kept.hpp"

extern "C" {
#include "catalog/dependency.h"
#include "catalog/objectaddress.h"
#include "utils/lsyscache.h"
#include "utils/syscache.h"
}

namespace strata::upkeep {
namespace {

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

// Moves one type into the schema of the oldest version that shows it.
void adopt(Oid type, const catalog::Version& version) {
  const pg::ActAs owner(pg::extension_owner());
  const pg::PinnedSearchPath path;
  const pg::InternalDdl internal;
  pg::Spi spi;
  const std::string before = pg::type_display(type, -1);
  version::move_type(spi, type, version.schema_oid);
  notice(fmt::format("type {} is now {}", before, pg::type_display(type, -1)),
         "It is dropped from the base schema, but live versions still show it.");
}

// Returns true when the current user may drop the type; core says what is wrong when not.
bool may_drop(Oid type) {
  return pg::call([&] {
    HeapTuple tuple = SearchSysCache1(TYPEOID, ObjectIdGetDatum(type));
    if (!HeapTupleIsValid(tuple)) return false;
    Oid schema = reinterpret_cast<Form_pg_type>(GETSTRUCT(tuple))->typnamespace;
    ReleaseSysCache(tuple);
    return strata_compat_owns(TypeRelationId, type, GetUserId()) ||
           strata_compat_owns(NamespaceRelationId, schema, GetUserId());
  });
}

}  // namespace

bool left_to_core(const ddl::Statement& statement, const ddl::Hit& hit) {
  const Oid type = dropped_type(statement, hit);
  return OidIsValid(type) && !statement.cascade &&
         !ddl::only_versions_use(catalog::registry(), type);
}

bool adoptable(const ddl::Statement& statement, const std::vector<ddl::Hit>& hits,
               const ddl::Hit& hit) {
  const Oid type = dropped_type(statement, hit);
  if (!OidIsValid(type)) return false;
  for (const ddl::Hit& other : hits)
    if (!of_contract(other)) return false;
  return ddl::only_versions_use(catalog::registry(), type);
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
  for (const auto& [type, version] : oldest)
    if (!may_drop(type)) return false;

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
