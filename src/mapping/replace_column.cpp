// strata.replace_column: versions that show a base column read and write others instead.
//
// The expression goes straight into the query of every version view that reads the column, in place
// of it. So it composes with whatever came before, it is a dependency like any other, and there is
// no text that could rot: afterwards nothing of pg_strata depends on the column.
#include "catalog/base_columns.hpp"
#include "mapping/author.hpp"
#include "mapping/inverse.hpp"
#include "pg/expression.hpp"
#include "pg/function.hpp"
#include "pg/internal_ddl.hpp"
#include "pg/kept_index.hpp"
#include "pg/mapping_index.hpp"
#include "pg/names.hpp"
#include "pg/owner_spi.hpp"
#include "pg/session.hpp"
#include "pg/view_columns.hpp"
#include "pg/view_tree.hpp"
#include "provenance/call.hpp"
#include "upkeep/lock_order.hpp"
#include "upkeep/look_ups.hpp"
#include "version/kept.hpp"
#include "version/rights.hpp"

namespace strata::mapping {
namespace {

// Returns {"base column": "expression"} as a map; raises 22023 unless it is an object of strings
// over existing, other columns.
std::map<std::string, std::string> parse_write_as(const pg::Arguments& args,
                                                  const Subject& subject) {
  std::map<std::string, std::string> out;
  {
    const pg::PinnedSearchPath path;
    pg::Spi spi;
    const pg::SqlArg json{JSONBOID, args.info()->args[3].value, false};
    if (*spi.query("SELECT pg_catalog.jsonb_typeof($1)", {json}).at(0).at(0) != "object")
      throw Error(ERRCODE_INVALID_PARAMETER_VALUE, "write_as must be a JSON object",
                  "It maps base columns to expressions over the replaced column.");
    for (const pg::SqlRow& row :
         spi.query("SELECT key, value FROM pg_catalog.jsonb_each_text($1)", {json})) {
      if (!row[1])
        throw Error(ERRCODE_INVALID_PARAMETER_VALUE,
                    fmt::format("write_as of column \"{}\" is null", *row[0]));
      out[*row[0]] = *row[1];
    }
  }
  for (const auto& [target, expression] : out) {
    if (target == subject.column)
      throw Error(ERRCODE_INVALID_PARAMETER_VALUE,
                  fmt::format("write_as writes column \"{}\", which is replaced", target));
    if (pg::attribute_number(subject.relation, target) <= 0)
      throw Error(ERRCODE_UNDEFINED_COLUMN,
                  fmt::format("column \"{}\" of relation \"{}\" does not exist", target,
                              pg::relation_name(subject.relation)));
  }
  return out;
}

std::vector<AttrNumber> columns_of(const pg::ParsedExpression& expression) {
  std::vector<AttrNumber> out;
  for (int bit = bms_next_member(expression.columns, -1); bit >= 0;
       bit = bms_next_member(expression.columns, bit))
    out.push_back(static_cast<AttrNumber>(bit + FirstLowInvalidHeapAttributeNumber));
  return out;
}

// The version views of the table that read the column, by value: what follows changes the registry.
std::vector<catalog::VersionView> readers(const Subject& subject) {
  std::vector<catalog::VersionView> out;
  for (const catalog::VersionView* view : catalog::registry().views_of(subject.relation))
    if (pg::view_reads(view->view, view->base, subject.attnum)) out.push_back(*view);
  return out;
}

void remember_guard(const catalog::VersionView& view,
                    const std::map<std::string, std::string>& write_as, bool keep_unchanged) {
  std::vector<int32_t> numbers;
  for (const auto& [target, expression] : write_as)
    numbers.push_back(catalog::number_base_column(view.base, target));
  pg::OwnerSpi spi;
  for (const int32_t number : numbers)
    spi.run(
        "INSERT INTO strata.column_write (relation_id, column_id, keep_unchanged) VALUES ($1, $2, "
        "$3) "
        "ON CONFLICT (relation_id, column_id) DO UPDATE SET keep_unchanged = "
        "excluded.keep_unchanged",
        {pg::SqlArg::int8(view.relation_id), pg::SqlArg::int4(number),
         pg::SqlArg::boolean(keep_unchanged)});
}

// Says for each index of the column how to make one of what versions read from now on.
void mention_indexes(const Subject& subject, const std::vector<catalog::VersionView>& views,
                     const std::vector<pg::IndexShape>& shapes,
                     const std::map<Oid, std::set<int>>& positions) {
  std::set<std::string> told;
  for (const catalog::VersionView& view : views)
    for (const int position : positions.at(view.view))
      for (const pg::IndexShape& shape : shapes) {
        if (!upkeep::indexed({shape}, subject.attnum) || pg::is_kept_index(shape.index)) continue;
        const auto sql = pg::index_sql_for(shape, subject.attnum, view.view, view.base, position);
        if (!sql || !told.insert(pg::relation_name(shape.index) + *sql).second) continue;
        notice(fmt::format("look-ups of column \"{}\" through versions no longer use index {}",
                           subject.column, pg::relation_name(shape.index)),
               sql->empty() ? "No index can stand on what versions read instead." : "",
               sql->empty() ? "" : "To keep them quick: " + *sql);
      }
}

// The positions of the view's columns that read the column.
std::map<Oid, std::set<int>> positions_of(const Subject& subject,
                                          const std::vector<catalog::VersionView>& views) {
  std::map<Oid, std::set<int>> out;
  for (const catalog::VersionView& view : views) {
    int position = 0;
    for (const pg::ViewColumn& column : pg::view_columns(view.view, view.base)) {
      position++;
      if (std::find(column.reads.begin(), column.reads.end(), subject.attnum) != column.reads.end())
        out[view.view].insert(position);
    }
  }
  return out;
}

// Returns the table the author named and everything that inherits the column from it, parents
// first: DROP COLUMN goes down the same way, and each has version views of its own.
std::vector<Subject> with_heirs(const Subject& named) {
  std::vector<Subject> out;
  for (const Oid relation : pg::with_inheritors(named.relation)) {
    const AttrNumber attnum = pg::attribute_number(relation, named.column);
    if (attnum <= 0) continue;
    // As for any ALTER TABLE that goes down to inheritors.
    version::require_owner_of_relation(relation);
    out.push_back({relation, attnum, named.column, pg::attributes(relation).at(attnum)});
  }
  return out;
}

upkeep::LockPlan plan_for(const std::vector<Subject>& subjects) {
  upkeep::LockPlan plan;
  for (const Subject& subject : subjects) {
    plan.add_views_of(catalog::registry(), subject.relation, AccessExclusiveLock);
    plan.add_relation(subject.relation, ShareUpdateExclusiveLock);
  }
  return plan;
}

// Raises the parser's errors. What is stored is parsed for each version again, and not at all where
// a version shows the target itself; the author is told of errors in any case.
void check_write_as(const Subject& subject, const std::map<std::string, std::string>& write_as) {
  for (const auto& [target, expression] : write_as) {
    const pg::Attribute stored =
        pg::attributes(subject.relation).at(pg::attribute_number(subject.relation, target));
    pg::parse_over_column(subject.relation, subject.column, subject.attnum, subject.attribute.type,
                          subject.attribute.typmod, subject.attribute.collation, expression,
                          stored.type, stored.typmod,
                          fmt::format("write_as of column \"{}\"", target));
  }
}

// Replaces the column in the version views of one table; returns how many views read it.
size_t replace_in(const Subject& subject, const std::string& read_as,
                  const std::map<std::string, std::string>& write_as, bool keep_unchanged) {
  const pg::ParsedExpression expression = pg::parse_expression(
      subject.relation, read_as, subject.attribute.type, subject.attribute.typmod,
      fmt::format("read_as of column \"{}\"", subject.column));
  const std::vector<AttrNumber> reads = columns_of(expression);
  if (std::find(reads.begin(), reads.end(), subject.attnum) != reads.end())
    throw Error(ERRCODE_INVALID_PARAMETER_VALUE,
                fmt::format("read_as of column \"{}\" reads the column itself", subject.column),
                "It must be computed from other columns of the table.");
  const std::vector<catalog::VersionView> views = readers(subject);
  const auto positions = positions_of(subject, views);
  std::vector<AttrNumber> written;
  for (const auto& [target, text] : write_as)
    written.push_back(pg::attribute_number(subject.relation, target));
  for (const catalog::VersionView& view : views) {
    require_readable(view, positions.at(view.view), reads);
    require_writable(view, positions.at(view.view), written);
  }

  const pg::InternalDdl internal;
  for (const catalog::VersionView& view : views) {
    // The write direction first: it looks up how the column was written through the view so far.
    write_through_replacement(view, subject.column, write_as);
    remember_guard(view, write_as, keep_unchanged);
    pg::ColumnEdit edit;
    edit.attnum = subject.attnum;
    edit.how = pg::ColumnEdit::How::kExpression;
    edit.expression = expression.node;
    pg::edit_view(view.view, view.base, view.base, {edit});
  }
  mention_indexes(subject, views, pg::index_shapes(subject.relation, {subject.attnum}), positions);
  return views.size();
}

}  // namespace

STRATA_CHANGE(replace_column) {
  const std::string read_as = args.text(2);
  Subject named;
  std::map<std::string, std::string> write_as;
  std::vector<Subject> subjects;
  upkeep::lock_what_is_read([&] {
    named = require_subject(args.oid(0), args.name(1));
    write_as = parse_write_as(args, named);
    check_write_as(named, write_as);
    subjects = with_heirs(named);
    return plan_for(subjects);
  });
  size_t replaced = 0;
  for (const Subject& subject : subjects)
    replaced += replace_in(subject, read_as, write_as, args.boolean(4));
  if (replaced == 0)
    throw Error(sqlstate::kNotTracked,
                fmt::format("no live version shows column \"{}\" of {}", named.column,
                            pg::relation_display(named.relation)),
                "There is nothing to replace.");
  pg::OwnerSpi spi;
  // Of other tables nothing is locked.
  std::vector<version::KeptIndex> indexes = version::unneeded_indexes(spi);
  std::erase_if(indexes, [&](const version::KeptIndex& kept) {
    return std::none_of(subjects.begin(), subjects.end(),
                        [&](const Subject& subject) { return subject.relation == kept.relation; });
  });
  version::drop_indexes(spi, indexes);
  return args.none();
}

}  // namespace strata::mapping
