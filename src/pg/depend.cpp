// Owns: scans of pg_depend and its kin (see depend.hpp).
#include "pg/depend.hpp"

#include "pg/lock.hpp"
#include "pg/session.hpp"

extern "C" {
#include "access/genam.h"
#include "access/table.h"
#include "access/xact.h"
#include "catalog/dependency.h"
#include "catalog/objectaddress.h"
#include "catalog/pg_attrdef.h"
#include "catalog/pg_authid.h"
#include "catalog/pg_constraint.h"
#include "catalog/pg_default_acl.h"
#include "catalog/pg_depend.h"
#include "catalog/pg_namespace.h"
#include "catalog/pg_policy.h"
#include "catalog/pg_rewrite.h"
#include "catalog/pg_shdepend.h"
#include "catalog/pg_trigger.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"
}

namespace strata::pg {
namespace raw {

// A growing array in palloc'd memory, because these functions may be left by a longjmp.
struct Found {
  int count;
  int capacity;
  Dependency* items;
};

static void add(Found* found, const Dependency& dependency) {
  if (found->count == found->capacity) {
    found->capacity = Max(16, found->capacity * 2);
    const Size size = sizeof(Dependency) * static_cast<Size>(found->capacity);
    found->items =
        static_cast<Dependency*>(found->items ? repalloc(found->items, size) : palloc(size));
  }
  found->items[found->count++] = dependency;
}

// Reads pg_depend by its referenced side (who depends on the object) or its depending side.
static Found scan_depend(const Object& object, bool referenced) {
  Found found{0, 0, nullptr};
  Relation rel = table_open(DependRelationId, AccessShareLock);
  ScanKeyData keys[3];
  int count = 2;
  ScanKeyInit(&keys[0], referenced ? Anum_pg_depend_refclassid : Anum_pg_depend_classid,
              BTEqualStrategyNumber, F_OIDEQ, ObjectIdGetDatum(object.classid));
  ScanKeyInit(&keys[1], referenced ? Anum_pg_depend_refobjid : Anum_pg_depend_objid,
              BTEqualStrategyNumber, F_OIDEQ, ObjectIdGetDatum(object.objid));
  if (object.subid != 0) {
    ScanKeyInit(&keys[2], referenced ? Anum_pg_depend_refobjsubid : Anum_pg_depend_objsubid,
                BTEqualStrategyNumber, F_INT4EQ, Int32GetDatum(object.subid));
    count = 3;
  }
  SysScanDesc scan = systable_beginscan(
      rel, referenced ? DependReferenceIndexId : DependDependerIndexId, true, nullptr, count, keys);
  for (HeapTuple tuple = systable_getnext(scan); HeapTupleIsValid(tuple);
       tuple = systable_getnext(scan)) {
    auto* row = reinterpret_cast<Form_pg_depend>(GETSTRUCT(tuple));
    const bool is_new = TransactionIdIsCurrentTransactionId(HeapTupleHeaderGetXmin(tuple->t_data));
    if (referenced)
      add(&found, {{row->classid, row->objid, row->objsubid}, row->deptype, is_new});
    else
      add(&found, {{row->refclassid, row->refobjid, row->refobjsubid}, row->deptype, is_new});
  }
  systable_endscan(scan);
  table_close(rel, AccessShareLock);
  return found;
}

// Reads one row of a catalog by OID and hands it to `use`.
template <class Use>
static void read_by_oid(Oid catalog, Oid index, AttrNumber column, Oid oid, Use use) {
  Relation rel = table_open(catalog, AccessShareLock);
  ScanKeyData key;
  ScanKeyInit(&key, column, BTEqualStrategyNumber, F_OIDEQ, ObjectIdGetDatum(oid));
  SysScanDesc scan = systable_beginscan(rel, index, true, nullptr, 1, &key);
  HeapTuple tuple = systable_getnext(scan);
  if (HeapTupleIsValid(tuple)) use(GETSTRUCT(tuple));
  systable_endscan(scan);
  table_close(rel, AccessShareLock);
}

// The objects that the role owns, or that say its name.
static Found of_role(Oid role, bool only_owned) {
  Found found{0, 0, nullptr};
  Relation rel = table_open(SharedDependRelationId, AccessShareLock);
  ScanKeyData keys[2];
  ScanKeyInit(&keys[0], Anum_pg_shdepend_refclassid, BTEqualStrategyNumber, F_OIDEQ,
              ObjectIdGetDatum(AuthIdRelationId));
  ScanKeyInit(&keys[1], Anum_pg_shdepend_refobjid, BTEqualStrategyNumber, F_OIDEQ,
              ObjectIdGetDatum(role));
  SysScanDesc scan = systable_beginscan(rel, SharedDependReferenceIndexId, true, nullptr, 2, keys);
  for (HeapTuple tuple = systable_getnext(scan); HeapTupleIsValid(tuple);
       tuple = systable_getnext(scan)) {
    auto* row = reinterpret_cast<Form_pg_shdepend>(GETSTRUCT(tuple));
    if (row->dbid == MyDatabaseId && (!only_owned || row->deptype == SHARED_DEPENDENCY_OWNER))
      add(&found, {{row->classid, row->objid, row->objsubid}, row->deptype, false});
  }
  systable_endscan(scan);
  table_close(rel, AccessShareLock);
  return found;
}

}  // namespace raw

namespace {

// What the last scans found, by the object and the side. Never freed: a static object would have a
// destructor that runs at exit.
auto* const remembered = new std::map<std::pair<Object, bool>, std::vector<Dependency>>();
int remembering = 0;
uint64_t remembered_changes = 0;
uint32_t remembered_command = 0;

std::vector<Dependency> scanned(const Object& object, bool referenced) {
  if (remembering > 0) {
    if (remembered_changes != catalog_changes() || remembered_command != command_number())
      remembered->clear();
    const auto known = remembered->find({object, referenced});
    if (known != remembered->end()) return known->second;
    remembered_changes = catalog_changes();
    remembered_command = command_number();
  }
  const raw::Found found = call([&] { return raw::scan_depend(object, referenced); });
  std::vector<Dependency> out(found.items, found.items + found.count);
  if (remembering > 0) remembered->emplace(std::pair(object, referenced), out);
  return out;
}

}  // namespace

RememberedDependencies::RememberedDependencies() noexcept {
  remembering++;
}

RememberedDependencies::~RememberedDependencies() {
  if (--remembering == 0) remembered->clear();
}

std::vector<Dependency> dependents_of(const Object& object) {
  return scanned(object, true);
}

std::vector<Dependency> dependencies_of(const Object& object) {
  return scanned(object, false);
}

// Not by the object's own row, which changes with its name or its rights.
bool made_here(const Object& object) {
  const std::vector<Dependency> needed = dependencies_of(object);
  return std::any_of(needed.begin(), needed.end(), [](const Dependency& dependency) {
    return dependency.is_new && dependency.object.classid == NamespaceRelationId;
  });
}

std::vector<Object> columns_of_domain(Oid domain) {
  std::vector<Object> out;
  for (const Dependency& dependent : dependents_of({TypeRelationId, domain, 0})) {
    const Object& object = dependent.object;
    if (dependent.type != DEPENDENCY_NORMAL) continue;
    if (object.classid == RelationRelationId && object.subid > 0) out.push_back(object);
    if (object.classid != TypeRelationId) continue;
    if (call([&] { return get_typtype(object.objid) != TYPTYPE_DOMAIN; })) continue;
    for (const Object& column : columns_of_domain(object.objid))
      out.push_back(column);
  }
  std::sort(out.begin(), out.end());
  return out;
}

Oid relation_of_rule(Oid rule) {
  return call([&] {
    Oid relation = InvalidOid;
    raw::read_by_oid(RewriteRelationId, RewriteOidIndexId, Anum_pg_rewrite_oid, rule,
                     [&](void* row) { relation = static_cast<Form_pg_rewrite>(row)->ev_class; });
    return relation;
  });
}

Object column_of_default(Oid attrdef) {
  return call([&] {
    Object column;
    raw::read_by_oid(AttrDefaultRelationId, AttrDefaultOidIndexId, Anum_pg_attrdef_oid, attrdef,
                     [&](void* row) {
                       auto* form = static_cast<Form_pg_attrdef>(row);
                       column = {RelationRelationId, form->adrelid, form->adnum};
                     });
    return column;
  });
}

Oid relation_of_part(const Object& object) {
  switch (object.classid) {
    case RelationRelationId:
      return object.objid;
    case RewriteRelationId:
      return relation_of_rule(object.objid);
    case AttrDefaultRelationId:
      return column_of_default(object.objid).objid;
    default:
      break;
  }
  return call([&] {
    Oid relation = InvalidOid;
    if (object.classid == ConstraintRelationId)
      raw::read_by_oid(
          ConstraintRelationId, ConstraintOidIndexId, Anum_pg_constraint_oid, object.objid,
          [&](void* row) { relation = static_cast<Form_pg_constraint>(row)->conrelid; });
    else if (object.classid == TriggerRelationId)
      raw::read_by_oid(TriggerRelationId, TriggerOidIndexId, Anum_pg_trigger_oid, object.objid,
                       [&](void* row) { relation = static_cast<Form_pg_trigger>(row)->tgrelid; });
    else if (object.classid == PolicyRelationId)
      raw::read_by_oid(PolicyRelationId, PolicyOidIndexId, Anum_pg_policy_oid, object.objid,
                       [&](void* row) { relation = static_cast<Form_pg_policy>(row)->polrelid; });
    return relation;
  });
}

Oid domain_of_constraint(Oid constraint) {
  return call([&] {
    Oid domain = InvalidOid;
    raw::read_by_oid(ConstraintRelationId, ConstraintOidIndexId, Anum_pg_constraint_oid, constraint,
                     [&](void* row) { domain = static_cast<Form_pg_constraint>(row)->contypid; });
    return domain;
  });
}

Oid schema_of_default_acl(Oid default_acl) {
  return call([&] {
    Oid schema = InvalidOid;
    raw::read_by_oid(
        DefaultAclRelationId, DefaultAclOidIndexId, Anum_pg_default_acl_oid, default_acl,
        [&](void* row) { schema = static_cast<Form_pg_default_acl>(row)->defaclnamespace; });
    return schema;
  });
}

static std::vector<Object> of_role(Oid role, bool only_owned) {
  const raw::Found found = call([&] { return raw::of_role(role, only_owned); });
  std::vector<Object> out;
  for (int i = 0; i < found.count; i++)
    out.push_back(found.items[i].object);
  return out;
}

std::vector<Object> owned_by(Oid role) {
  return of_role(role, true);
}

std::vector<Object> saying_role(Oid role) {
  return of_role(role, false);
}

bool may_drop(const Object& object) {
  return call([&] {
    switch (object.classid) {
      case RelationRelationId:
      case NamespaceRelationId:
      case TypeRelationId:
      case ProcedureRelationId:
      case CollationRelationId:
      case ExtensionRelationId:
        break;
      default:
        return true;
    }
    if (strata_compat_owns(object.classid, object.objid, GetUserId())) return true;
    const ObjectAddress address{object.classid, object.objid, object.subid};
    const Oid schema = get_object_namespace(&address);
    return OidIsValid(schema) && strata_compat_owns(NamespaceRelationId, schema, GetUserId());
  });
}

std::string describe(const Object& object) {
  const ObjectAddress address{object.classid, object.objid, object.subid};
  const char* text = call([&] { return getObjectDescription(&address, true); });
  return text ? text : "an object that is gone";
}

}  // namespace strata::pg
