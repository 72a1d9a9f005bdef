// Owns: digests of statements and of shapes (see digest.hpp).
#include "guard/digest.hpp"

#include "pg/names.hpp"
#include "pg/spi.hpp"

extern "C" {
#include "utils/fmgrprotos.h"
}

namespace strata::guard {
namespace {

// Returns the SHA-256 of the text, in hexadecimal.
std::string sha256(const std::string& text) {
  const char* hash = pg::call([&] {
    auto* in = static_cast<bytea*>(palloc(text.size() + VARHDRSZ));
    SET_VARSIZE(in, text.size() + VARHDRSZ);
    memcpy(VARDATA(in), text.data(), text.size());
    return VARDATA_ANY(DatumGetByteaPP(DirectFunctionCall1(sha256_bytea, PointerGetDatum(in))));
  });
  std::string out;
  for (int i = 0; i < 32; i++)
    out += fmt::format("{:02x}", static_cast<unsigned char>(hash[i]));
  return out;
}

// Lengths first, so that no text can pass for the end of one part and the start of another.
void append(std::string& out, const std::string& part) {
  out += fmt::format("{}:", part.size());
  out += part;
}

// The alias r is the relation; every part is one row: what it is, its place, its definition.
constexpr const char* kRelation = R"(
WITH part (kind, place, definition) AS (
  SELECT 'relation', '', pg_catalog.concat_ws('|', r.oid, r.oid::pg_catalog.regclass, r.relkind,
           r.relpersistence, r.relrowsecurity, r.relforcerowsecurity, r.reloptions,
           (SELECT pg_catalog.string_agg(h.inhparent::pg_catalog.regclass::text, ','
                                         ORDER BY h.inhseqno)
            FROM pg_catalog.pg_inherits AS h WHERE h.inhrelid = r.oid),
           (SELECT pg_catalog.string_agg(h.inhrelid::text, ',' ORDER BY h.inhrelid)
            FROM pg_catalog.pg_inherits AS h WHERE h.inhparent = r.oid),
           CASE WHEN r.relkind IN ('v', 'm') THEN pg_catalog.pg_get_viewdef(r.oid) END)
  FROM pg_catalog.pg_class AS r WHERE r.oid = $1
  UNION ALL
  SELECT 'column', pg_catalog.lpad(a.attnum::text, 6, '0'), pg_catalog.concat_ws('|', a.attname,
           pg_catalog.format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attidentity,
           a.attgenerated, a.attcollation::pg_catalog.regcollation,
           pg_catalog.pg_get_expr(d.adbin, d.adrelid))
  FROM pg_catalog.pg_attribute AS a
  LEFT JOIN pg_catalog.pg_attrdef AS d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
  WHERE a.attrelid = $1 AND a.attnum > 0 AND NOT a.attisdropped
  UNION ALL
  SELECT 'constraint', pg_catalog.concat(c.conrelid::pg_catalog.regclass, '.', c.conname),
         pg_catalog.concat(c.convalidated, pg_catalog.pg_get_constraintdef(c.oid))
  FROM pg_catalog.pg_constraint AS c WHERE c.conrelid = $1 OR c.confrelid = $1
  UNION ALL
  SELECT 'index', i.indexrelid::pg_catalog.regclass::text,
         pg_catalog.concat(i.indisvalid, pg_catalog.pg_get_indexdef(i.indexrelid))
  FROM pg_catalog.pg_index AS i WHERE i.indrelid = $1 OR i.indexrelid = $1
  UNION ALL
  SELECT 'trigger', t.tgname, pg_catalog.concat(t.tgenabled, pg_catalog.pg_get_triggerdef(t.oid))
  FROM pg_catalog.pg_trigger AS t WHERE t.tgrelid = $1 AND NOT t.tgisinternal
  UNION ALL
  SELECT 'policy', p.polname, pg_catalog.concat_ws('|', p.polcmd, p.polpermissive, p.polroles,
           pg_catalog.pg_get_expr(p.polqual, p.polrelid),
           pg_catalog.pg_get_expr(p.polwithcheck, p.polrelid))
  FROM pg_catalog.pg_policy AS p WHERE p.polrelid = $1)
SELECT pg_catalog.string_agg(pg_catalog.concat_ws('#', kind, place, definition), E'\n'
                             ORDER BY kind COLLATE "C", place COLLATE "C")
FROM part)";

constexpr const char* kObject = R"(
SELECT pg_catalog.concat_ws('|', $2, pg_catalog.pg_describe_object($1, $2, $3),
  (SELECT pg_catalog.concat_ws('|', p.prosrc, p.probin, p.prosecdef, p.proconfig,
                               p.prorettype::pg_catalog.regtype)
   FROM pg_catalog.pg_proc AS p
   WHERE $1 = 'pg_catalog.pg_proc'::pg_catalog.regclass AND p.oid = $2),
  (SELECT pg_catalog.string_agg(e.enumlabel, ',' ORDER BY e.enumsortorder)
   FROM pg_catalog.pg_enum AS e
   WHERE $1 = 'pg_catalog.pg_type'::pg_catalog.regclass AND e.enumtypid = $2),
  (SELECT pg_catalog.string_agg(pg_catalog.concat(c.conname, pg_catalog.pg_get_constraintdef(c.oid)), ','
                                ORDER BY c.conname)
   FROM pg_catalog.pg_constraint AS c
   WHERE $1 = 'pg_catalog.pg_type'::pg_catalog.regclass AND c.contypid = $2),
  (SELECT pg_catalog.string_agg(pg_catalog.concat_ws(' ', a.attname,
                                pg_catalog.format_type(a.atttypid, a.atttypmod)), ','
                                ORDER BY a.attnum)
   FROM pg_catalog.pg_type AS t
   JOIN pg_catalog.pg_attribute AS a ON a.attrelid = t.typrelid AND NOT a.attisdropped
   WHERE $1 = 'pg_catalog.pg_type'::pg_catalog.regclass AND t.oid = $2)))";

// Parts of an object go with it anyway; what a normal dependency ends at goes by CASCADE only.
constexpr const char* kCascade = R"(
WITH RECURSIVE gone (classid, objid, objsubid, deptype) AS (
  SELECT $1, $2, $3, 'i'::"char"
  UNION
  SELECT x.classid, x.objid, x.objsubid, x.deptype
  FROM gone AS g CROSS JOIN LATERAL (
    SELECT d.classid, d.objid, d.objsubid, d.deptype
    FROM pg_catalog.pg_depend AS d
    WHERE d.refclassid = g.classid AND d.refobjid = g.objid
      AND (g.objsubid = 0 OR d.refobjsubid = g.objsubid) AND d.deptype NOT IN ('e', 'x')
    UNION ALL
    SELECT 'pg_catalog.pg_class'::pg_catalog.regclass, r.ev_class, 0, 'n'
    FROM pg_catalog.pg_rewrite AS r
    WHERE g.classid = 'pg_catalog.pg_rewrite'::pg_catalog.regclass AND r.oid = g.objid) AS x)
SELECT pg_catalog.string_agg(DISTINCT pg_catalog.pg_describe_object(classid, objid, objsubid),
                             E'\n')
FROM gone WHERE deptype = 'n')";

std::string first_cell(const std::vector<pg::SqlRow>& rows) {
  return rows.empty() || !rows[0][0] ? std::string() : *rows[0][0];
}

pg::SqlArg subid_arg(int32_t subid) {
  return pg::SqlArg::int4(subid);
}

}  // namespace

std::string digest(const std::string& base, const std::string& ddl,
                   const std::vector<Proposed>& statements) {
  std::string all = "pg_strata proposal 1\n";
  append(all, base);
  append(all, ddl);
  for (const Proposed& statement : statements) {
    append(all, std::to_string(statement.number));
    append(all, statement.text);
    append(all, statement.path_bound ? statement.search_path : "");
    append(all, std::to_string(statement.names.size()));
    for (const std::string& name : statement.names)
      append(all, name);
    append(all, statement.fingerprint);
  }
  return sha256(all);
}

const std::string& Shapes::of_relation(Oid relation) {
  const auto known = relations_.find(relation);
  if (known != relations_.end()) return known->second;
  pg::Spi spi;
  return relations_[relation] = first_cell(spi.query_now(kRelation, {pg::SqlArg::oid(relation)}));
}

std::string Shapes::fingerprint(const Canonical& statement) {
  std::string all;
  for (const std::string& name : statement.names)
    append(all, name);
  for (const Oid relation : statement.relations)
    append(all, of_relation(relation));
  std::vector<pg::Object> roots = statement.objects;
  pg::Spi spi;
  for (const pg::Object& object : statement.objects)
    append(all, first_cell(spi.query_now(
                    kObject, {pg::SqlArg::oid(object.classid), pg::SqlArg::oid(object.objid),
                              subid_arg(object.subid)})));
  if (statement.cascade) {
    for (const Oid relation : statement.relations)
      roots.push_back({RelationRelationId, relation, 0});
    for (const pg::Object& root : roots)
      append(all, first_cell(spi.query_now(
                      kCascade, {pg::SqlArg::oid(root.classid), pg::SqlArg::oid(root.objid),
                                 subid_arg(root.subid)})));
  }
  return sha256(all);
}

}  // namespace strata::guard
