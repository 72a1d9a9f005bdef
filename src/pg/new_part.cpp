// Owns: looking at rows of catalogs that the current command made (see new_part.hpp).
#include "pg/new_part.hpp"

extern "C" {
#include "access/genam.h"
#include "access/table.h"
#include "catalog/pg_attrdef.h"
#include "catalog/pg_constraint.h"
#include "catalog/pg_policy.h"
#include "catalog/pg_rewrite.h"
#include "catalog/pg_statistic_ext.h"
#include "catalog/pg_trigger.h"
#include "utils/fmgroids.h"
#include "utils/snapmgr.h"
}

namespace strata::pg {
namespace {

struct Part {
  Oid classid;
  Oid catalog;
  Oid index;
  AttrNumber key;
  AttrNumber relation;
};

constexpr Part kParts[] = {{RelationRelationId, IndexRelationId, IndexRelidIndexId,
                            Anum_pg_index_indexrelid, Anum_pg_index_indrelid},
                           {ConstraintRelationId, ConstraintRelationId, ConstraintOidIndexId,
                            Anum_pg_constraint_oid, Anum_pg_constraint_conrelid},
                           {TriggerRelationId, TriggerRelationId, TriggerOidIndexId,
                            Anum_pg_trigger_oid, Anum_pg_trigger_tgrelid},
                           {RewriteRelationId, RewriteRelationId, RewriteOidIndexId,
                            Anum_pg_rewrite_oid, Anum_pg_rewrite_ev_class},
                           {PolicyRelationId, PolicyRelationId, PolicyOidIndexId,
                            Anum_pg_policy_oid, Anum_pg_policy_polrelid},
                           {AttrDefaultRelationId, AttrDefaultRelationId, AttrDefaultOidIndexId,
                            Anum_pg_attrdef_oid, Anum_pg_attrdef_adrelid},
                           {StatisticExtRelationId, StatisticExtRelationId, StatisticExtOidIndexId,
                            Anum_pg_statistic_ext_oid, Anum_pg_statistic_ext_stxrelid}};

Oid relation_in(const Part& part, Oid object) {
  Relation catalog = table_open(part.catalog, AccessShareLock);
  ScanKeyData key;
  ScanKeyInit(&key, part.key, BTEqualStrategyNumber, F_OIDEQ, ObjectIdGetDatum(object));
  SysScanDesc scan = systable_beginscan(catalog, part.index, true, SnapshotSelf, 1, &key);
  HeapTuple tuple = systable_getnext(scan);
  bool is_null;
  Oid relation = InvalidOid;
  if (HeapTupleIsValid(tuple))
    relation =
        DatumGetObjectId(heap_getattr(tuple, part.relation, RelationGetDescr(catalog), &is_null));
  systable_endscan(scan);
  table_close(catalog, AccessShareLock);
  return relation;
}

}  // namespace

Oid relation_of_new_part(const Object& object) {
  for (const Part& part : kParts)
    if (part.classid == object.classid)
      return call([&] { return relation_in(part, object.objid); });
  return InvalidOid;
}

}  // namespace strata::pg
