// strata.prepare_type_change, strata.fill_column, strata.repoint: rules for what DDL does next.
#include "catalog/base_columns.hpp"
#include "mapping/author.hpp"
#include "pg/expression.hpp"
#include "pg/function.hpp"
#include "pg/names.hpp"
#include "pg/owner_spi.hpp"
#include "provenance/call.hpp"
#include "upkeep/insertability.hpp"
#include "upkeep/lock_order.hpp"
#include "upkeep/swap.hpp"
#include "version/rights.hpp"

extern "C" {
#include "utils/inval.h"
#include "utils/lsyscache.h"
}

namespace strata::mapping {
namespace {

void remember_type_change(const Subject& subject, Oid new_type, const std::string& read_as,
                          const std::string& write_as) {
  const int32_t number = catalog::number_base_column(subject.relation, subject.column);
  pg::OwnerSpi spi;
  spi.run(
      "INSERT INTO strata.type_change (relation, column_id, old_type, new_type, expression_column, "
      "read_as, "
      "write_as) "
      "VALUES ($1, $2, $7, $3, $4, $5, $6) ON CONFLICT (relation, column_id) DO UPDATE SET "
      "old_type = excluded.old_type, new_type = excluded.new_type, "
      "expression_column = excluded.expression_column, read_as = excluded.read_as, write_as = "
      "excluded.write_as, "
      "prepared_by = excluded.prepared_by, prepared_at = excluded.prepared_at",
      {pg::SqlArg::oid(subject.relation), pg::SqlArg::int4(number), pg::SqlArg::oid(new_type),
       pg::SqlArg::name(subject.column), pg::SqlArg::text(read_as), pg::SqlArg::text(write_as),
       pg::SqlArg::oid(subject.attribute.type)});
}

// No expression: there is no fill any more.
void remember_fill(const Subject& subject, const std::optional<std::string>& expression) {
  const int32_t number = catalog::number_base_column(subject.relation, subject.column);
  pg::OwnerSpi spi;
  const pg::SqlArg relation = pg::SqlArg::oid(subject.relation);
  if (!expression) {
    spi.run("DELETE FROM strata.column_fill WHERE relation = $1 AND column_id = $2",
            {relation, pg::SqlArg::int4(number)});
    return;
  }
  spi.run(
      "INSERT INTO strata.column_fill (relation, column_id, expression) VALUES ($1, $2, $3) "
      "ON CONFLICT (relation, column_id) DO UPDATE SET expression = excluded.expression, filled_by "
      "= excluded.filled_by",
      {relation, pg::SqlArg::int4(number), pg::SqlArg::text(*expression)});
}

// Raises unless the caller may point the versions of `from` at `to`; returns what that locks.
upkeep::LockPlan check_repoint(Oid from, Oid to) {
  version::require_owner_of_relation(from);
  version::require_owner_of_relation(to);
  const catalog::Registry& registry = catalog::registry();
  if (registry.views_of(from).empty())
    throw Error(sqlstate::kNotTracked,
                fmt::format("no live version reads {}", pg::relation_display(from)),
                "There is nothing to point elsewhere.");
  if (!registry.views_of(to).empty() || from == to)
    throw Error(ERRCODE_INVALID_PARAMETER_VALUE,
                fmt::format("live versions read {} already", pg::relation_display(to)),
                "A table can take the place of one that versions read only when none reads it.");
  if (!pg::is_table_kind(pg::relation_kind(to)))
    throw Error(ERRCODE_WRONG_OBJECT_TYPE,
                fmt::format("{} is not a table", pg::relation_display(to)),
                "Versions read tables, foreign tables and materialized views.");
  upkeep::LockPlan plan;
  plan.add_views_of(registry, from, AccessExclusiveLock);
  plan.add_relation(from, AccessShareLock);
  plan.add_relation(to, ShareLock);  // an index may have to be made
  return plan;
}

}  // namespace

STRATA_CHANGE(prepare_type_change) {
  const Subject subject = require_subject(args.oid(0), args.name(1));
  const Oid new_type = args.oid(2);
  const std::string read_as = args.text(3);
  const std::string write_as = args.text(4);
  if (pg::call([&] { return get_typtype(new_type) == TYPTYPE_PSEUDO; }))
    throw Error(
        ERRCODE_INVALID_TABLE_DEFINITION,
        fmt::format("a column cannot be of pseudo-type {}", pg::type_display(new_type, -1)));
  const Oid collation = pg::call([&] { return get_typcollation(new_type); });
  // Parsed now for the author's sake; what is used is parsed again when the type has changed.
  pg::parse_over_column(subject.relation, subject.column, subject.attnum, new_type, -1, collation,
                        read_as, subject.attribute.type, subject.attribute.typmod,
                        fmt::format("read_as of column \"{}\"", subject.column));
  pg::parse_over_column(subject.relation, subject.column, subject.attnum, subject.attribute.type,
                        subject.attribute.typmod, subject.attribute.collation, write_as, new_type,
                        -1, fmt::format("write_as of column \"{}\"", subject.column));
  remember_type_change(subject, new_type, read_as, write_as);
  return args.none();
}

STRATA_CHANGE(fill_column) {
  args.require(0, "relation");
  args.require(1, "column_name");
  const Oid relation = args.oid(0);
  const std::string column = args.name(1);
  const auto expression = args.optional_text(2);
  Subject subject;
  // DDL that counts on the fill, or is about to change the column, waits or is waited for.
  upkeep::lock_what_is_read([&] {
    subject = require_subject(relation, column);
    upkeep::LockPlan plan;
    plan.add_views_of(catalog::registry(), relation, ShareUpdateExclusiveLock);
    plan.add_relation(relation, ShareUpdateExclusiveLock);
    return plan;
  });
  if (expression)
    pg::parse_constant(relation, *expression, subject.attribute.type, subject.attribute.typmod,
                       fmt::format("fill of column \"{}\"", column));
  remember_fill(subject, expression);
  if (!expression) upkeep::require_insertable_without_fill(relation, column);
  // Sessions keep what inserts through versions store, and plans are made of it.
  pg::call([&] { CacheInvalidateRelcacheByRelid(relation); });
  return args.none();
}

STRATA_CHANGE(repoint) {
  const Oid from = args.oid(0);
  const Oid to = args.oid(1);
  upkeep::lock_what_is_read([&] { return check_repoint(from, to); });
  upkeep::repoint(from, to);
  return args.none();
}

}  // namespace strata::mapping
