// Owns: reading what a base schema holds (see plan.hpp).
#include "pg/lock.hpp"
#include "version/plan.hpp"

namespace strata::version {
namespace {

constexpr const char* kRelations = R"(
SELECT c.oid, c.relname, c.relkind, c.relispartition, c.relrowsecurity, c.relowner,
       (SELECT pg_catalog.string_agg(pg_catalog.quote_ident(o.option_name) || ' = ' ||
                                     pg_catalog.quote_literal(o.option_value), ', ')
        FROM pg_catalog.pg_options_to_table(c.reloptions) AS o
        WHERE c.relkind = 'v' AND o.option_name <> 'check_option'),
       (SELECT o.option_value FROM pg_catalog.pg_options_to_table(c.reloptions) AS o
        WHERE c.relkind = 'v' AND o.option_name = 'check_option'),
       (SELECT o.option_value::pg_catalog.bool FROM pg_catalog.pg_options_to_table(c.reloptions) AS o
        WHERE c.relkind = 'v' AND o.option_name = 'security_invoker'),
       pg_catalog.obj_description(c.oid, 'pg_class'),
       c.relacl IS NOT NULL OR EXISTS (SELECT FROM pg_catalog.pg_attribute AS a
                                       WHERE a.attrelid = c.oid AND a.attacl IS NOT NULL)
FROM pg_catalog.pg_class AS c
WHERE {} AND c.relkind IN ('r', 'p', 'f', 'v', 'm') AND c.relpersistence <> 't'
  AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend AS d
                  WHERE d.classid = 'pg_catalog.pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
ORDER BY c.oid)";

constexpr const char* kColumns = R"(
SELECT a.attrelid, a.attname,
       a.atthasdef AND a.attgenerated = '' AND a.attidentity = '',
       pg_catalog.col_description(a.attrelid, a.attnum)
FROM pg_catalog.pg_attribute AS a
WHERE a.attrelid = ANY ($1::pg_catalog.oid[]) AND a.attnum > 0 AND NOT a.attisdropped
ORDER BY a.attrelid, a.attnum)";

pg::SqlArg oid_array(const std::vector<BaseRelation>& relations) {
  std::string text = "{";
  for (const BaseRelation& relation : relations)
    text += fmt::format("{}{}", text.size() > 1 ? "," : "", relation.oid);
  return pg::SqlArg::text(text + "}");
}

std::vector<BaseRelation> relations_now(pg::Spi& spi, const char* which, Oid argument) {
  std::vector<BaseRelation> relations;
  const std::string sql = fmt::format(kRelations, which);
  for (const pg::SqlRow& row : spi.query(sql, {pg::SqlArg::oid(argument)})) {
    BaseRelation relation;
    relation.oid = pg::to_oid(row[0]);
    relation.name = *row[1];
    relation.kind = row[2]->front();
    relation.partition = *row[3] == "t";
    relation.row_security = *row[4] == "t";
    relation.owner = pg::to_oid(row[5]);
    relation.options = row[6].value_or("");
    relation.check_option = row[7].value_or("");
    relation.runs_as_caller = row[8].value_or("f") == "t";
    relation.comment = row[9].value_or("");
    relation.granted = *row[10] == "t";
    relations.push_back(std::move(relation));
  }
  return relations;
}

// Locks all relations against DDL and returns them as they are then: what another session did to
// them while we waited (a new name or schema, a drop, further tables of the same transaction) is
// seen by reading again.
std::vector<BaseRelation> locked_relations(pg::Spi& spi, const char* which, Oid argument) {
  std::set<Oid> locked;
  for (;;) {
    std::vector<BaseRelation> relations = relations_now(spi, which, argument);
    const size_t before = locked.size();
    for (const BaseRelation& relation : relations) {
      if (!locked.insert(relation.oid).second) continue;
      pg::lock_relation(relation.oid, AccessShareLock);
    }
    if (locked.size() == before) return relations;
  }
}

// Reads the relations that the condition on pg_class names, with their columns.
std::vector<BaseRelation> read(pg::Spi& spi, const char* which, Oid argument) {
  std::vector<BaseRelation> relations = locked_relations(spi, which, argument);
  std::map<Oid, BaseRelation*> by_oid;
  for (BaseRelation& relation : relations)
    by_oid[relation.oid] = &relation;
  for (const pg::SqlRow& row : spi.query(kColumns, {oid_array(relations)}))
    by_oid.at(pg::to_oid(row[0]))
        ->columns.push_back({*row[1], *row[1], *row[2] == "t", row[3].value_or(""), ""});
  return relations;
}

}  // namespace

std::vector<BaseRelation> base_relations(pg::Spi& spi, Oid base) {
  return read(spi, "c.relnamespace = $1", base);
}

std::optional<BaseRelation> base_relation(pg::Spi& spi, Oid relation) {
  auto found = read(spi, "c.oid = $1", relation);
  if (found.empty()) return std::nullopt;
  return std::move(found.front());
}

}  // namespace strata::version
