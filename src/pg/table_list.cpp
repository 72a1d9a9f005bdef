// Owns: scans of pg_class and pg_index for whole lists (see table_list.hpp).
#include "pg/table_list.hpp"

extern "C" {
#include "access/genam.h"
#include "access/table.h"
#include "catalog/catalog.h"
#include "catalog/pg_index.h"
#include "catalog/pg_namespace.h"
#include "catalog/pg_publication.h"
#include "utils/lsyscache.h"
}

namespace strata::pg {
namespace {

template <class Keep>
List* scan(Oid catalog, Keep keep) {
  List* out = NIL;
  Relation rel = table_open(catalog, AccessShareLock);
  SysScanDesc scan = systable_beginscan(rel, InvalidOid, false, nullptr, 0, nullptr);
  for (HeapTuple tuple = systable_getnext(scan); HeapTupleIsValid(tuple);
       tuple = systable_getnext(scan))
    if (const Oid found = keep(GETSTRUCT(tuple)); OidIsValid(found)) out = lappend_oid(out, found);
  systable_endscan(scan);
  table_close(rel, AccessShareLock);
  return out;
}

std::vector<Oid> own(List* list) {
  std::vector<Oid> out;
  ListCell* cell;
  foreach (cell, list)
    out.push_back(lfirst_oid(cell));
  std::sort(out.begin(), out.end());
  return out;
}

bool is_system(const FormData_pg_class* row) {
  return row->oid < FirstNormalObjectId || IsToastNamespace(row->relnamespace);
}

}  // namespace

std::vector<Oid> tables_of_users(Oid schema) {
  return own(call([&] {
    return scan(RelationRelationId, [&](void* found) {
      auto* row = static_cast<Form_pg_class>(found);
      const bool table = row->relkind == RELKIND_RELATION || row->relkind == RELKIND_MATVIEW;
      const bool meant = OidIsValid(schema) ? row->relnamespace == schema : !is_system(row);
      return table && meant ? row->oid : InvalidOid;
    });
  }));
}

std::vector<Oid> clustered_tables() {
  return own(call([] {
    return scan(IndexRelationId, [](void* found) {
      auto* row = static_cast<Form_pg_index>(found);
      return row->indisclustered ? row->indrelid : InvalidOid;
    });
  }));
}

std::vector<Oid> relations_in_tablespace(Oid tablespace) {
  return own(call([&] {
    return scan(RelationRelationId, [&](void* found) {
      auto* row = static_cast<Form_pg_class>(found);
      return !is_system(row) && RELKIND_HAS_STORAGE(row->relkind) &&
                     row->reltablespace == tablespace
                 ? row->oid
                 : InvalidOid;
    });
  }));
}

std::vector<Oid> published_schemas(Oid publication) {
  return own(call([&] {
    List* out = GetPublicationSchemas(publication);
    ListCell* cell;
    foreach (cell, GetPublicationRelations(publication, PUBLICATION_PART_ROOT))
      out = list_append_unique_oid(out, get_rel_namespace(lfirst_oid(cell)));
    return out;
  }));
}

bool publishes_all(Oid publication) {
  return call([&] { return GetPublication(publication)->alltables; });
}

}  // namespace strata::pg
