// strata.check_mapping: do reading and writing through a version undo each other, on real rows?
//
// For each sampled row y of the base: x = read(y), then y' = write(x), then x' = read(y'). Where a
// base column of y' is not that of y, a client that writes back what it read changes the row; where
// a column of x' is not that of x, it does not read what it wrote. All of it is one query made of
// the expressions themselves and run with the caller's rights; a row that raises is looked at
// alone.
#include "catalog/registry.hpp"
#include "mapping/inverse.hpp"
#include "pg/function.hpp"
#include "pg/names.hpp"
#include "pg/relation.hpp"
#include "pg/session.hpp"
#include "pg/spi.hpp"
#include "pg/view_columns.hpp"
#include "version/rights.hpp"

namespace strata::mapping {
namespace {

// One comparison: what it is called, and the two values as SQL over the query's rows.
struct Comparison {
  std::string column;
  const char* round_trip;
  std::string before;
  std::string after;
};

class Check {
 public:
  Check(const catalog::VersionView& view, int32_t rows) : view_(view), rows_(rows) {
    const auto columns = pg::view_columns(view.view, view.base);
    const auto expressions = pg::view_expressions(view.view, view.base);
    const auto writes = write_expressions(view);
    std::string read;
    for (size_t i = 0; i < columns.size(); i++)
      read +=
          fmt::format("{}{} AS {}", i == 0 ? "" : ", ", expressions[i], pg::quote(columns[i].name));
    std::string written;
    std::string changed;
    for (const auto& [attnum, attribute] : pg::attributes(view.base)) {
      const std::string name = pg::quote(attribute.name);
      const auto write = writes.find(attribute.name);
      const bool writable = write != writes.end();
      written += fmt::format("{}{} AS {}", written.empty() ? "" : ", ",
                             writable ? stored(write->second.expression, attribute) : "NULL", name);
      changed += fmt::format("{}{}.{}", changed.empty() ? "" : ", ", writable ? "w" : "b", name);
      if (!writable || is_plain(columns, write->second)) continue;
      compare(attribute.name, "write(read(y)) = y", "b." + name, "w." + name);
    }
    for (size_t i = 0; i < columns.size(); i++) {
      const std::string name = pg::quote(columns[i].name);
      if (columns[i].how != pg::ViewColumn::How::kDirect &&
          is_written(static_cast<AttrNumber>(i + 1), writes))
        compare(columns[i].name, "read(write(x)) = x", "x." + name, "again." + name);
    }
    from_ = fmt::format(
        "CROSS JOIN LATERAL (SELECT {} FROM (SELECT b.*) AS base_row) AS x "
        "CROSS JOIN LATERAL (SELECT {} FROM (SELECT x.*) AS view_row) AS w "
        "CROSS JOIN LATERAL (SELECT {} FROM (SELECT {}) AS base_row) AS again",
        read, written, read, changed);
  }

  void run(pg::ResultSet& result) {
    if (comparisons_.empty()) return;
    std::vector<pg::SqlRow> broken;
    if (attempt(fmt::format("(SELECT * FROM {}{} LIMIT {})", name(), sample(), rows_), broken)) {
      for (const pg::SqlRow& row : broken)
        result.add({row[0], row[1], row[2], row[3], row[4], std::nullopt});
      return;
    }
    one_by_one(result);
  }

 private:
  // What an assignment stores: lengths are checked, not cut, as the rewriting has it.
  static std::string stored(const std::string& expression, const pg::Attribute& attribute) {
    return fmt::format("({})::{}", expression, pg::type_display(attribute.type, -1));
  }

  // A column that is shown and stored as it is needs no proof.
  static bool is_plain(const std::vector<pg::ViewColumn>& columns, const Write& write) {
    return write.reads.size() == 1 &&
           columns.at(static_cast<size_t>(write.reads.front()) - 1).how ==
               pg::ViewColumn::How::kDirect;
  }

  static bool is_written(AttrNumber column, const std::map<std::string, Write>& writes) {
    for (const auto& [target, write] : writes)
      if (std::find(write.reads.begin(), write.reads.end(), column) != write.reads.end())
        return true;
    return false;
  }

  void compare(const std::string& column, const char* round_trip, const std::string& before,
               const std::string& after) {
    comparisons_.push_back({column, round_trip, before, after});
  }

  std::string name() const { return pg::relation_display(view_.base); }

  // Large tables are sampled all over, small ones read from the start.
  std::string sample() const {
    const char kind = pg::relation_kind(view_.base);
    if (kind == RELKIND_FOREIGN_TABLE || kind == RELKIND_VIEW) return "";
    pg::Spi spi;
    const double tuples =
        std::stod(*spi.query("SELECT reltuples FROM pg_catalog.pg_class WHERE oid = $1",
                             {pg::SqlArg::oid(view_.base)})
                       .at(0)
                       .at(0));
    if (tuples < 20.0 * rows_) return "";
    return fmt::format(" TABLESAMPLE SYSTEM ({})", std::min(100.0, 200.0 * rows_ / tuples));
  }

  // The rows of `source` for which a comparison fails: one query that compares by image, as the
  // rewriting does.
  std::string query(const std::string& source) const {
    std::string pairs;
    for (const Comparison& comparison : comparisons_)
      pairs += fmt::format(
          "{}({}, {}, ({})::pg_catalog.text, ({})::pg_catalog.text, "
          "ROW({})::pg_catalog.record OPERATOR(pg_catalog.*<>) ROW({})::pg_catalog.record)",
          pairs.empty() ? "" : ", ", pg::quote_literal(comparison.column),
          pg::quote_literal(comparison.round_trip), comparison.before, comparison.after,
          comparison.before, comparison.after);
    return fmt::format(
        "SELECT c.name, c.trip, pg_catalog.to_jsonb(b.*), c.before, c.after FROM {} AS b {} "
        "CROSS JOIN LATERAL (VALUES {}) AS c (name, trip, before, after, broken) WHERE c.broken",
        source, from_, pairs);
  }

  // Returns false when some row raises.
  bool attempt(const std::string& source, std::vector<pg::SqlRow>& out) {
    try {
      pg::Subtransaction attempt;
      {
        pg::Spi spi;
        out = spi.query(query(source));
      }
      attempt.commit();
      return true;
    } catch (const Error& error) {
      if (error.is_cancel()) throw;
      failure_ = error.message();
      return false;
    }
  }

  void one_by_one(pg::ResultSet& result) {
    std::vector<pg::SqlRow> rows;
    {
      pg::Spi spi;
      rows =
          spi.query(fmt::format("SELECT pg_catalog.to_jsonb(t.*) FROM (SELECT * FROM {}{} LIMIT "
                                "{}) AS t",
                                name(), sample(), rows_));
    }
    for (const pg::SqlRow& row : rows) {
      std::vector<pg::SqlRow> broken;
      const std::string source = fmt::format(
          "(SELECT (pg_catalog.jsonb_populate_record(NULL::{}, {}::pg_catalog.jsonb)).*)", name(),
          pg::quote_literal(*row[0]));
      if (!attempt(source, broken)) {
        result.add({std::nullopt, std::nullopt, row[0], std::nullopt, std::nullopt, failure_});
        continue;
      }
      for (const pg::SqlRow& found : broken)
        result.add({found[0], found[1], found[2], found[3], found[4], std::nullopt});
    }
  }

  const catalog::VersionView view_;
  int32_t rows_;
  std::string from_;
  std::vector<Comparison> comparisons_;
  std::string failure_;
};

const catalog::VersionView& require_relation(Oid base, const std::string& version,
                                             const std::string& relation) {
  const catalog::Registry& registry = catalog::registry();
  const std::string schema = pg::schema_name(base);
  for (const auto& [oid, view] : registry.views()) {
    const catalog::Version* of = registry.version(view.version_id);
    if (of != nullptr && of->base == schema && of->version == version && view.name == relation &&
        view.kind != catalog::Kind::kTwin && view.kind != catalog::Kind::kView &&
        OidIsValid(view.base))
      return view;
  }
  throw Error(sqlstate::kNotTracked,
              fmt::format("version \"{}\" of schema \"{}\" has no relation \"{}\" over a table",
                          version, schema, relation),
              "Copies of views and relations whose table is gone have no mapping.",
              "SELECT * FROM strata.contract(base, version);");
}

}  // namespace

STRATA_FUNCTION(check_mapping) {
  for (int i = 0; i < 4; i++)
    args.require(i, "an argument of check_mapping");
  const Oid base = args.oid(0);
  const int32_t rows = DatumGetInt32(args.info()->args[3].value);
  version::require_tracked(base);
  const catalog::VersionView view = require_relation(base, args.text(1), args.name(2));
  if (rows < 1) throw Error(ERRCODE_INVALID_PARAMETER_VALUE, "sample_rows must be at least 1");
  version::require_owner_of_relation(view.base);
  pg::ResultSet result(args);
  Check(view, rows).run(result);
  return args.none();
}

}  // namespace strata::mapping
