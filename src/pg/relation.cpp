// Owns: relation facts (see relation.hpp).
#include "pg/relation.hpp"

extern "C" {
#include "access/genam.h"
#include "access/relation.h"
#include "access/table.h"
#include "catalog/heap.h"
#include "catalog/index.h"
#include "catalog/namespace.h"
#include "catalog/partition.h"
#include "catalog/pg_constraint.h"
#include "catalog/pg_inherits.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"
#include "utils/syscache.h"
}

namespace strata::pg {
namespace raw {

struct AttributeFacts {
  AttrNumber attnum;
  Oid type;
  int32 typmod;
  Oid collation;
  bool not_null;
  bool filled;
  bool omissible;
  const char* name;
};

struct AttributeList {
  int count;
  AttributeFacts* items;
};

// A domain takes the default of the one it stands on when it is created, but not its NOT NULL.
static TypeFacts type_facts(Oid type) {
  TypeFacts facts;
  for (bool outermost = true; get_typtype(type) == TYPTYPE_DOMAIN; outermost = false) {
    HeapTuple tuple = SearchSysCache1(TYPEOID, ObjectIdGetDatum(type));
    if (!HeapTupleIsValid(tuple)) break;
    auto* row = reinterpret_cast<Form_pg_type>(GETSTRUCT(tuple));
    bool isnull;
    SysCacheGetAttr(TYPEOID, tuple, Anum_pg_type_typdefault, &isnull);
    facts.fills = facts.fills || (outermost && !isnull);
    facts.refuses_null = facts.refuses_null || row->typnotnull;
    type = row->typbasetype;
    ReleaseSysCache(tuple);
  }
  return facts;
}

static AttributeList attributes(Oid relation) {
  AttributeList out{0, nullptr};
  Relation rel = try_relation_open(relation, AccessShareLock);
  if (rel == nullptr) return out;
  TupleDesc desc = RelationGetDescr(rel);
  out.items = static_cast<AttributeFacts*>(palloc0(sizeof(AttributeFacts) * Max(desc->natts, 1)));
  for (int i = 0; i < desc->natts; i++) {
    Form_pg_attribute att = TupleDescAttr(desc, i);
    if (att->attisdropped) continue;
    AttributeFacts* item = &out.items[out.count++];
    item->attnum = att->attnum;
    item->type = att->atttypid;
    item->typmod = att->atttypmod;
    item->collation = att->attcollation;
    item->not_null = att->attnotnull;
    TypeFacts type = type_facts(att->atttypid);
    item->filled = att->atthasdef || att->attidentity != '\0' || type.fills;
    item->omissible = item->filled || (!att->attnotnull && !type.refuses_null);
    item->name = pstrdup(NameStr(att->attname));
  }
  relation_close(rel, AccessShareLock);
  return out;
}

Oid relation_owner(Oid relation) {
  HeapTuple tuple = SearchSysCache1(RELOID, ObjectIdGetDatum(relation));
  if (!HeapTupleIsValid(tuple)) return InvalidOid;
  Oid owner = reinterpret_cast<Form_pg_class>(GETSTRUCT(tuple))->relowner;
  ReleaseSysCache(tuple);
  return owner;
}

// Returns the tables that foreign keys of `relation` reference; of one of them if `constraint` is
// its name.
static List* referenced_by(Oid relation, const char* constraint) {
  List* out = NIL;
  Relation rel = table_open(ConstraintRelationId, AccessShareLock);
  ScanKeyData key;
  ScanKeyInit(&key, Anum_pg_constraint_conrelid, BTEqualStrategyNumber, F_OIDEQ,
              ObjectIdGetDatum(relation));
  SysScanDesc scan =
      systable_beginscan(rel, ConstraintRelidTypidNameIndexId, true, nullptr, 1, &key);
  for (HeapTuple tuple = systable_getnext(scan); HeapTupleIsValid(tuple);
       tuple = systable_getnext(scan)) {
    auto* row = reinterpret_cast<Form_pg_constraint>(GETSTRUCT(tuple));
    if (row->contype != CONSTRAINT_FOREIGN) continue;
    if (constraint != nullptr && strcmp(NameStr(row->conname), constraint) != 0) continue;
    out = list_append_unique_oid(out, row->confrelid);
  }
  systable_endscan(scan);
  table_close(rel, AccessShareLock);
  return out;
}

}  // namespace raw

Oid resolve(const RangeVar* name) {
  return call([&] { return RangeVarGetRelid(name, NoLock, true); });
}

bool owns_relation(Oid relation) {
  return call([&] { return strata_compat_owns(RelationRelationId, relation, GetUserId()); });
}

bool has_privilege(Oid relation, AclMode any_of) {
  return call([&] { return pg_class_aclmask(relation, GetUserId(), any_of, ACLMASK_ANY) != 0; });
}

bool owns_schema_of(Oid relation) {
  return call([&] {
    return strata_compat_owns(NamespaceRelationId, get_rel_namespace(relation), GetUserId());
  });
}

char relation_kind(Oid relation) {
  return call([&] { return get_rel_relkind(relation); });
}

std::vector<Oid> with_inheritors(Oid relation) {
  List* const found = call([&]() -> List* {
    if (!has_subclass(relation)) return list_make1_oid(relation);
    return find_all_inheritors(relation, NoLock, nullptr);
  });
  std::vector<Oid> out;
  ListCell* cell;
  foreach (cell, found)
    out.push_back(lfirst_oid(cell));
  return out;
}

Oid parent_of(Oid partition) {
  return call([&] { return get_partition_parent(partition, true); });
}

Oid table_of_index(Oid index) {
  return call([&] { return IndexGetRelation(index, true); });
}

std::vector<Oid> referenced_by(Oid relation, const char* constraint) {
  List* const found = call([&] { return raw::referenced_by(relation, constraint); });
  std::vector<Oid> out;
  ListCell* cell;
  foreach (cell, found)
    out.push_back(lfirst_oid(cell));
  return out;
}

Oid relation_owner(Oid relation) {
  return call([&] { return raw::relation_owner(relation); });
}

std::vector<Oid> losing_column(Oid relation, const std::string& column) {
  std::vector<Oid> out{relation};
  std::map<Oid, int> lost;  // child -> how many parents it loses the column of
  for (size_t next = 0; next < out.size(); next++) {
    const Oid parent = out[next];
    List* const children = call([&]() -> List* {
      return has_subclass(parent) ? find_inheritance_children(parent, NoLock) : NIL;
    });
    ListCell* cell;
    foreach (cell, children) {
      const Oid child = lfirst_oid(cell);
      const int parents = call([&] {
        HeapTuple tuple = SearchSysCacheAttName(child, column.c_str());
        if (!HeapTupleIsValid(tuple)) return 0;
        auto* form = reinterpret_cast<Form_pg_attribute>(GETSTRUCT(tuple));
        int count = form->attislocal ? 0 : form->attinhcount;
        ReleaseSysCache(tuple);
        return count;
      });
      if (parents > 0 && ++lost[child] == parents) out.push_back(child);
    }
  }
  return out;
}

bool acts_for(Oid role) {
  return call([&] { return has_privs_of_role(GetUserId(), role); });
}

bool has_row_security(Oid relation) {
  return call([&] {
    HeapTuple tuple = SearchSysCache1(RELOID, ObjectIdGetDatum(relation));
    if (!HeapTupleIsValid(tuple)) return false;
    bool found = reinterpret_cast<Form_pg_class>(GETSTRUCT(tuple))->relrowsecurity;
    ReleaseSysCache(tuple);
    return found;
  });
}

bool is_table_kind(char kind) {
  return kind == RELKIND_RELATION || kind == RELKIND_PARTITIONED_TABLE ||
         kind == RELKIND_FOREIGN_TABLE || kind == RELKIND_MATVIEW;
}

// As ExecuteTruncate() collects them (tablecmds.c).
std::vector<Oid> truncated_along(const std::vector<Oid>& relations) {
  List* const found = call([&] {
    List* known = NIL;
    for (const Oid relation : relations)
      known = lappend_oid(known, relation);
    List* along = NIL;
    for (;;) {
      List* more = heap_truncate_find_FKs(known);
      if (more == NIL) return along;
      along = list_concat(along, more);
      known = list_concat(known, more);
    }
  });
  std::vector<Oid> out;
  ListCell* cell;
  foreach (cell, found)
    out.push_back(lfirst_oid(cell));
  return out;
}

Oid constraint_oid(Oid relation, const char* name) {
  return call([&] { return get_relation_constraint_oid(relation, name, true); });
}

bool has_rights_of(Oid member, Oid role) {
  return call([&] { return has_privs_of_role(member, role); });
}

bool is_partition(Oid relation) {
  return call([&] { return get_rel_relispartition(relation); });
}

std::map<AttrNumber, Attribute> attributes(Oid relation) {
  const raw::AttributeList list = call([&] { return raw::attributes(relation); });
  std::map<AttrNumber, Attribute> out;
  for (int i = 0; i < list.count; i++) {
    const raw::AttributeFacts& from = list.items[i];
    out[from.attnum] = {from.name,     from.type,   from.typmod,   from.collation,
                        from.not_null, from.filled, from.omissible};
  }
  return out;
}

TypeFacts type_facts(Oid type) {
  return call([&] { return raw::type_facts(type); });
}

AttrNumber attribute_number(Oid relation, const std::string& column) {
  return call([&] { return get_attnum(relation, column.c_str()); });
}

std::string attribute_name(Oid relation, AttrNumber attnum) {
  // get_attname() knows dropped columns too, under the names core gives them.
  const char* name = call([&]() -> const char* {
    HeapTuple tuple = SearchSysCache2(ATTNUM, ObjectIdGetDatum(relation), Int16GetDatum(attnum));
    if (!HeapTupleIsValid(tuple)) return nullptr;
    auto* row = reinterpret_cast<Form_pg_attribute>(GETSTRUCT(tuple));
    const char* found = row->attisdropped ? nullptr : pstrdup(NameStr(row->attname));
    ReleaseSysCache(tuple);
    return found;
  });
  return name ? name : "";
}

bool has_default(Oid relation, AttrNumber attnum) {
  return call([&] {
    HeapTuple tuple = SearchSysCache2(ATTNUM, ObjectIdGetDatum(relation), Int16GetDatum(attnum));
    if (!HeapTupleIsValid(tuple)) return false;
    bool found = reinterpret_cast<Form_pg_attribute>(GETSTRUCT(tuple))->atthasdef;
    ReleaseSysCache(tuple);
    return found;
  });
}

bool runs_as_caller(Oid view) {
  return call([&] {
    Relation rel = try_relation_open(view, AccessShareLock);
    if (rel == nullptr) return false;
    const bool out = rel->rd_rel->relkind == RELKIND_VIEW && RelationHasSecurityInvoker(rel);
    relation_close(rel, AccessShareLock);
    return out;
  });
}

}  // namespace strata::pg
