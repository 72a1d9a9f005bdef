// Owns: which object's definition a part is in (see named.hpp).
#include "pg/new_part.hpp"
#include "pg/relation.hpp"
#include "pg/shape.hpp"
#include "pg/table_facts.hpp"
#include "provenance/named.hpp"

extern "C" {
#include "catalog/pg_cast.h"
#include "catalog/pg_constraint.h"
#include "catalog/pg_default_acl.h"
#include "catalog/pg_namespace.h"
#include "catalog/pg_proc.h"
#include "catalog/pg_statistic_ext.h"
#include "catalog/pg_type.h"
#include "utils/lsyscache.h"
}

namespace strata::provenance {

pg::Object defined_in(const pg::Object& object) {
  pg::Object out{object.classid, object.objid, 0};
  switch (object.classid) {
    case NamespaceRelationId:
    case ProcedureRelationId:
    case RelationRelationId:
    case TypeRelationId:
      break;
    case CastRelationId:
      out = {TypeRelationId, pg::type_of_cast(object.objid), 0};
      break;
    case DefaultAclRelationId:
      out = {NamespaceRelationId, pg::schema_of_default_acl(object.objid), 0};
      break;
    case IndexRelationId:
      out = {RelationRelationId, pg::index_facts(object.objid).table, 0};
      break;
    case StatisticExtRelationId:
      out = {RelationRelationId, pg::relation_of_new_part(object), 0};
      break;
    default:
      if (pg::has_code_shape(object.classid)) return out;
      out = {RelationRelationId, pg::relation_of_part(object), 0};
      if (!OidIsValid(out.objid) && object.classid == ConstraintRelationId)
        out = {TypeRelationId, pg::domain_of_constraint(object.objid), 0};
  }
  if (out.classid == TypeRelationId) {
    // An array type comes and goes with that of its elements.
    if (const Oid element = pg::call([&] { return get_element_type(out.objid); });
        OidIsValid(element))
      out.objid = element;
    const Oid relation = pg::call([&] { return get_typ_typrelid(out.objid); });
    if (OidIsValid(relation) && pg::relation_kind(relation) != RELKIND_COMPOSITE_TYPE)
      out = {RelationRelationId, relation, 0};
  }
  if (out.classid == RelationRelationId) {
    const char kind = pg::relation_kind(out.objid);
    if (kind == RELKIND_INDEX || kind == RELKIND_PARTITIONED_INDEX)
      out.objid = pg::index_facts(out.objid).table;
    if (kind == RELKIND_TOASTVALUE) return {};
    if (kind == RELKIND_COMPOSITE_TYPE)
      out = {TypeRelationId, pg::call([&] { return get_rel_type_id(out.objid); }), 0};
  }
  return OidIsValid(out.objid) ? out : pg::Object{};
}

}  // namespace strata::provenance
