// Owns: rebuilding version views from their contracts (see orphans.hpp).
#include "version/orphans.hpp"

#include "catalog/base_columns.hpp"
#include "catalog/relations.hpp"
#include "mapping/inverse.hpp"
#include "pg/conversion.hpp"
#include "pg/internal_ddl.hpp"
#include "pg/names.hpp"
#include "pg/relation.hpp"
#include "pg/session.hpp"
#include "pg/spi.hpp"
#include "pg/view_query.hpp"
#include "upkeep/row_security.hpp"
#include "version/defaults.hpp"

namespace strata::version {

namespace {

// DROP OWNED may have left the view to the extension's owner, whose rights no table's owner gets.
void hand_to_owner_of(Oid base, Oid view) {
  const Oid owner = pg::relation_owner(base);
  if (pg::relation_owner(view) == owner) return;
  const pg::ActAs extension(pg::extension_owner());
  const pg::InternalDdl internal;
  pg::Spi spi;
  spi.run(fmt::format("ALTER VIEW {} OWNER TO {}", pg::relation_display(view),
                      pg::quote(pg::role_name(owner))));
}

}  // namespace

bool may_take_place(const catalog::BaseSchema& base, Oid view, Oid taker) {
  const char kind = pg::relation_kind(taker);
  if (!pg::is_table_kind(kind) && kind != RELKIND_VIEW) return false;
  const Oid owner = pg::relation_owner(taker);
  return pg::has_rights_of(owner, base.owner) ||
         (OidIsValid(view) && pg::has_rights_of(owner, pg::relation_owner(view)));
}

void rebuild(const catalog::VersionView& view, Oid base) {
  const auto attributes = pg::attributes(base);
  const pg::PinnedSearchPath path;
  std::string columns;
  for (const catalog::ContractColumn& column : catalog::contract(view.relation_id)) {
    AttrNumber attnum =
        column.base_column.empty() ? 0 : pg::attribute_number(base, column.base_column);
    if (attnum <= 0) attnum = pg::attribute_number(base, column.name);
    const auto found = attributes.find(attnum);
    const auto facts = found == attributes.end()
                           ? pg::ConversionFacts::Path::kNone
                           : pg::conversion_facts(found->second.type, found->second.typmod,
                                                  column.type, column.typmod)
                                 .path;
    if (facts == pg::ConversionFacts::Path::kNone)
      throw Error(
          sqlstate::kBreaksVersion,
          fmt::format("{} has nothing for column \"{}\" of version view {}",
                      pg::relation_display(base), column.name, pg::relation_display(view.view)),
          fmt::format("The contract wants type {}.", pg::type_display(column.type, column.typmod)),
          "Add the column, or retire the version.");
    const std::string text = pg::quote(found->second.name);
    catalog::set_lost(view.relation_id, column.position, false);
    columns += fmt::format("{}{} AS {}", columns.empty() ? "" : ", ",
                           facts == pg::ConversionFacts::Path::kSame
                               ? text
                               : pg::cast_sql(text, found->second.type, column.type, column.typmod),
                           pg::quote(column.name));
  }
  upkeep::require_no_row_security(view, base);
  hand_to_owner_of(base, view.view);
  const pg::InternalDdl internal;
  pg::store_view_text(view.view,
                      fmt::format("SELECT {} FROM {}", columns, pg::relation_display(base)));
  catalog::set_base(view.relation_id, base);
  for (const auto& [attnum, attribute] : attributes)
    catalog::number_base_column(base, attribute.name);
  // It reads no mapping any more, so it must write none.
  if (OidIsValid(view.inverse)) mapping::store_outputs(view, {});
  const catalog::VersionView* now = catalog::registry().view(view.view);
  if (now != nullptr) restore_defaults(catalog::VersionView(*now));
}

void adopt_orphans() {
  std::vector<catalog::VersionView> orphans;
  for (const auto& [oid, view] : catalog::registry().views())
    if (view.kind == catalog::Kind::kTable && !OidIsValid(view.base)) orphans.push_back(view);
  std::sort(orphans.begin(), orphans.end(),
            [](const auto& a, const auto& b) { return a.relation_id < b.relation_id; });
  for (const catalog::VersionView& view : orphans) {
    const catalog::Version* version = catalog::registry().version(view.version_id);
    const catalog::BaseSchema* base =
        version ? catalog::registry().base_schema(version->base) : nullptr;
    const Oid taker = base ? pg::relation_oid(base->oid, view.name) : InvalidOid;
    if (!OidIsValid(taker) || !may_take_place(*base, view.view, taker)) continue;
    try {
      pg::Subtransaction attempt;
      rebuild(view, taker);
      attempt.commit();
    } catch (const Error& error) {
      if (error.sqlstate() != sqlstate::kBreaksVersion) throw;
      continue;
    }
    notice(fmt::format("version view {} reads {} again", pg::relation_display(view.view),
                       pg::relation_display(taker)));
  }
}

}  // namespace strata::version
