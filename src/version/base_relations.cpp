// Owns: reading what a base schema holds (see plan.hpp).
#include "pg/lock.hpp"
#include "version/plan.hpp"

namespace strata::version {
namespace {

constexpr const char* kRelations = R"(
SELECT c.oid, c.relname, c.relkind, c.relispartition, c.relrowsecurity, c.relowner,
       (SELECT pg_catalog.string_agg(pg_catalog.quote_ident(o.option_name) || ' = ' ||
                                     pg_catalog.quote_literal(o.option_value), ', ')
        FROM pg_catalog.pg_options_to_table(c.reloptions) AS o WHERE c.relkind = 'v'),
       pg_catalog.obj_description(c.oid, 'pg_class'),
       c.relacl IS NOT NULL OR EXISTS (SELECT FROM pg_catalog.pg_attribute AS a
                                       WHERE a.attrelid = c.oid AND a.attacl IS NOT NULL)
FROM pg_catalog.pg_class AS c
WHERE c.relnamespace = $1 AND c.relkind IN ('r', 'p', 'f', 'v', 'm') AND c.relpersistence <> 't'
  AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend AS d
                  WHERE d.classid = 'pg_catalog.pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
ORDER BY c.oid)";

constexpr const char* kColumns = R"(
SELECT a.attrelid, a.attname,
       CASE WHEN a.attgenerated = '' AND a.attidentity = '' THEN pg_catalog.pg_get_expr(d.adbin, d.adrelid) END,
       pg_catalog.col_description(a.attrelid, a.attnum)
FROM pg_catalog.pg_attribute AS a
LEFT JOIN pg_catalog.pg_attrdef AS d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
WHERE a.attrelid = ANY ($1::pg_catalog.oid[]) AND a.attnum > 0 AND NOT a.attisdropped
ORDER BY a.attrelid, a.attnum)";

pg::SqlArg oid_array(const std::vector<BaseRelation>& relations) {
  std::string text = "{";
  for (const BaseRelation& relation : relations)
    text += fmt::format("{}{}", text.size() > 1 ? "," : "", relation.oid);
  return pg::SqlArg::text(text + "}");
}

}  // namespace

namespace {

std::vector<BaseRelation> relations_now(pg::Spi& spi, Oid base) {
  std::vector<BaseRelation> relations;
  for (const pg::SqlRow& row : spi.query(kRelations, {pg::SqlArg::oid(base)})) {
    BaseRelation relation;
    relation.oid = pg::to_oid(row[0]);
    relation.name = *row[1];
    relation.kind = row[2]->front();
    relation.partition = *row[3] == "t";
    relation.row_security = *row[4] == "t";
    relation.owner = pg::to_oid(row[5]);
    relation.options = row[6].value_or("");
    relation.comment = row[7].value_or("");
    relation.granted = *row[8] == "t";
    relations.push_back(std::move(relation));
  }
  return relations;
}

// Locks all relations against DDL and returns them as they are then: what another session did to
// them while we waited (a new name or schema, a drop, further tables of the same transaction) is
// seen by reading again.
std::vector<BaseRelation> locked_relations(pg::Spi& spi, Oid base) {
  std::set<Oid> locked;
  for (;;) {
    std::vector<BaseRelation> relations = relations_now(spi, base);
    const size_t before = locked.size();
    for (const BaseRelation& relation : relations) {
      if (!locked.insert(relation.oid).second) continue;
      pg::lock_relation(relation.oid, AccessShareLock);
    }
    if (locked.size() == before) return relations;
  }
}

}  // namespace

std::vector<BaseRelation> base_relations(pg::Spi& spi, Oid base) {
  std::vector<BaseRelation> relations = locked_relations(spi, base);
  std::map<Oid, BaseRelation*> by_oid;
  for (BaseRelation& relation : relations)
    by_oid[relation.oid] = &relation;
  for (const pg::SqlRow& row : spi.query(kColumns, {oid_array(relations)}))
    by_oid.at(pg::to_oid(row[0]))
        ->columns.push_back({*row[1], row[2].value_or(""), row[3].value_or("")});
  return relations;
}

}  // namespace strata::version
