// Owns: locks for the time of reading (see borrowed_locks.hpp).
//
// The lock manager gives back what a resource owner took when that is released as if it failed
// (ResourceOwnerRelease and LockReleaseCurrentOwner in utils/resowner and storage/lmgr/lock.c).
#include "pg/borrowed_locks.hpp"

extern "C" {
#include "access/genam.h"
#include "access/table.h"
#include "catalog/pg_class.h"
#include "catalog/pg_policy.h"
#include "catalog/pg_proc.h"
#include "catalog/pg_rewrite.h"
#include "storage/lmgr.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"
#include "utils/syscache.h"
}

namespace strata::pg {

BorrowedLocks::BorrowedLocks()
    : before_(CurrentResourceOwner),
      owner_(call([] { return ResourceOwnerCreate(CurrentResourceOwner, "pg_strata reading"); })) {
  CurrentResourceOwner = owner_;
}

BorrowedLocks::~BorrowedLocks() {
  CurrentResourceOwner = before_;
  // After an error the owner above it releases it, too.
  if (std::uncaught_exceptions() != exceptions_) return;
  for (const ResourceReleasePhase phase :
       {RESOURCE_RELEASE_BEFORE_LOCKS, RESOURCE_RELEASE_LOCKS, RESOURCE_RELEASE_AFTER_LOCKS})
    ResourceOwnerRelease(owner_, phase, false, false);
  ResourceOwnerDelete(owner_);
}

bool BorrowedLocks::borrow(Oid relation) {
  return call([&] { return ConditionalLockRelationOid(relation, AccessShareLock); });
}

namespace {

struct Parts {
  Oid catalog;
  Oid index;  // has the relation first
  AttrNumber relation_column;
};

constexpr Parts kRules = {RewriteRelationId, RewriteRelRulenameIndexId, Anum_pg_rewrite_ev_class};
constexpr Parts kPolicies = {PolicyRelationId, PolicyPolrelidPolnameIndexId,
                             Anum_pg_policy_polrelid};

// Raise-kind. Both catalogs have the OID first.
List* parts_of(Oid relation, const Parts& parts) {
  List* out = NIL;
  Relation catalog = table_open(parts.catalog, AccessShareLock);
  ScanKeyData key;
  ScanKeyInit(&key, parts.relation_column, BTEqualStrategyNumber, F_OIDEQ,
              ObjectIdGetDatum(relation));
  SysScanDesc scan = systable_beginscan(catalog, parts.index, true, nullptr, 1, &key);
  for (HeapTuple tuple = systable_getnext(scan); HeapTupleIsValid(tuple);
       tuple = systable_getnext(scan)) {
    bool is_null;
    out = lappend_oid(
        out, DatumGetObjectId(heap_getattr(tuple, 1, RelationGetDescr(catalog), &is_null)));
  }
  systable_endscan(scan);
  table_close(catalog, AccessShareLock);
  return out;
}

// May be true where none is left, never false where there is one.
bool has_rules(Oid relation) {
  HeapTuple tuple = SearchSysCache1(RELOID, ObjectIdGetDatum(relation));
  if (!HeapTupleIsValid(tuple)) return false;
  const bool has = reinterpret_cast<Form_pg_class>(GETSTRUCT(tuple))->relhasrules;
  ReleaseSysCache(tuple);
  return has;
}

void add_relations_of(const Object& object, std::vector<Oid>& out) {
  for (const Dependency& dependency : dependencies_of(object))
    if (dependency.object.classid == RelationRelationId &&
        std::find(out.begin(), out.end(), dependency.object.objid) == out.end())
      out.push_back(dependency.object.objid);
}

}  // namespace

std::vector<Oid> relations_in_definition(const Object& object) {
  std::vector<Oid> out;
  if (object.classid == ProcedureRelationId) add_relations_of(object, out);
  if (object.classid != RelationRelationId) return out;
  out.push_back(object.objid);
  for (const Parts& parts : {kRules, kPolicies}) {
    if (parts.catalog == RewriteRelationId && !call([&] { return has_rules(object.objid); }))
      continue;
    const List* found = call([&] { return parts_of(object.objid, parts); });
    const ListCell* cell;
    foreach (cell, found)
      add_relations_of({parts.catalog, lfirst_oid(cell), 0}, out);
  }
  return out;
}

}  // namespace strata::pg
