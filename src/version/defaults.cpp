// Owns: defaults of version views (see defaults.hpp).
#include "version/defaults.hpp"

#include "pg/internal_ddl.hpp"
#include "pg/names.hpp"
#include "pg/relation.hpp"
#include "pg/session.hpp"
#include "pg/spi.hpp"
#include "pg/view_tree.hpp"

extern "C" {
#include "access/xact.h"
#include "catalog/pg_attrdef.h"
}

namespace strata::version {
namespace {

// What the default calls may have been renamed or dropped since; then the base's own default holds.
void set_default(Oid view, const std::string& column, const std::string& expression) {
  try {
    pg::Subtransaction attempt;
    {
      pg::Spi spi;
      spi.run(fmt::format("ALTER VIEW {} ALTER COLUMN {} SET DEFAULT {}",
                          pg::relation_display(view), pg::quote(column), expression));
    }
    attempt.commit();
  } catch (const Error& error) {
    warning(fmt::format("column \"{}\" of version view {} does not get its default back", column,
                        pg::relation_display(view)),
            fmt::format("{}: {}.", expression, error.message()));
  }
}

}  // namespace

void drop_default(Oid view, AttrNumber attnum) {
  pg::call([&] {
    RemoveAttrDefault(view, attnum, DROP_RESTRICT, false, true);
    CommandCounterIncrement();
  });
}

void align_defaults(const catalog::VersionView& view) {
  const pg::ActAs owner(pg::extension_owner());
  const pg::PinnedSearchPath path;
  const pg::InternalDdl internal;
  std::map<size_t, std::string> contract;
  {
    pg::Spi spi;
    for (const pg::SqlRow& row :
         spi.query("SELECT position, column_default FROM strata.contract_column "
                   "WHERE relation_id = $1 AND column_default IS NOT NULL",
                   {pg::SqlArg::int8(view.relation_id)}))
      contract[std::stoul(*row[0])] = *row[1];
  }
  if (contract.empty()) return;
  const auto columns = pg::view_columns(view.view, view.base);
  for (const auto& [position, expression] : contract) {
    if (position == 0 || position > columns.size()) continue;
    const pg::ViewColumn& column = columns[position - 1];
    const bool plain = column.how == pg::ViewColumn::How::kDirect;
    const bool has = pg::has_default(view.view, static_cast<AttrNumber>(position));
    if (plain && !has) set_default(view.view, column.name, expression);
    if (!plain && has) drop_default(view.view, static_cast<AttrNumber>(position));
  }
}

}  // namespace strata::version
