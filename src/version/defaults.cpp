// Owns: defaults of version views (see defaults.hpp).
#include "version/defaults.hpp"

#include "pg/internal_ddl.hpp"
#include "pg/names.hpp"
#include "pg/relation.hpp"
#include "pg/session.hpp"
#include "pg/spi.hpp"
#include "pg/view_default.hpp"

namespace strata::version {
namespace {

// What the default calls may have been renamed or dropped since; then the base's own default holds.
void set_default(Oid view, Oid base, AttrNumber attnum, const std::string& expression) {
  try {
    pg::Subtransaction attempt;
    pg::set_default(view, attnum, expression, pg::relation_owner(base));
    attempt.commit();
  } catch (const Error& error) {
    if (error.is_cancel()) throw;
    warning(fmt::format("column \"{}\" of version view {} does not get its default back",
                        pg::attribute_name(view, attnum), pg::relation_display(view)),
            fmt::format("{}: {}.", expression, error.message()));
  }
}

}  // namespace

void drop_defaults(const catalog::VersionView& view) {
  for (const auto& [attnum, attribute] : pg::attributes(view.view))
    if (pg::has_default(view.view, attnum)) pg::drop_default(view.view, attnum);
}

void restore_defaults(const catalog::VersionView& view) {
  const pg::ActAs owner(pg::extension_owner());
  const pg::PinnedSearchPath path;
  const pg::InternalDdl internal;
  std::vector<std::pair<AttrNumber, std::string>> contract;
  {
    pg::Spi spi;
    for (const pg::SqlRow& row :
         spi.query("SELECT position, column_default FROM strata.contract_column "
                   "WHERE relation_id = $1 AND column_default IS NOT NULL ORDER BY position",
                   {pg::SqlArg::int8(view.relation_id)}))
      contract.emplace_back(static_cast<AttrNumber>(std::stoi(*row[0])), *row[1]);
  }
  for (const auto& [attnum, expression] : contract)
    if (!pg::has_default(view.view, attnum)) set_default(view.view, view.base, attnum, expression);
}

}  // namespace strata::version
