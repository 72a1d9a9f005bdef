// Owns: refusing and following drops (see drops.hpp).
#include "upkeep/drops.hpp"

#include "catalog/base_columns.hpp"
#include "catalog/relations.hpp"
#include "pg/internal_ddl.hpp"
#include "pg/names.hpp"
#include "pg/relation.hpp"
#include "pg/session.hpp"
#include "pg/spi.hpp"
#include "pg/view_columns.hpp"
#include "pg/view_copy.hpp"
#include "pg/view_default.hpp"
#include "pg/view_query.hpp"
#include "pg/view_tree.hpp"
#include "settings.hpp"
#include "upkeep/adopt.hpp"
#include "upkeep/protect.hpp"
#include "version/defaults.hpp"

extern "C" {
#include "catalog/pg_type.h"
}

namespace strata::upkeep {
namespace {

using ddl::Hit;

bool followed(const catalog::Registry& registry, const Hit& hit) {
  const catalog::VersionView* view = registry.view(hit.view);
  if (view == nullptr || hit.what == Hit::What::kItself || hit.what == Hit::What::kContract)
    return false;
  if (mode() == Mode::kRecord || registry.follows(*view)) return true;
  // Partitions come and go with the data they hold; that is no change of the schema's shape.
  return view->kind == catalog::Kind::kPartition && hit.what == Hit::What::kRelation;
}

std::string subject(const Hit& hit) {
  switch (hit.what) {
    case Hit::What::kColumn:
      return fmt::format("column \"{}\" of {}", pg::attribute_name(hit.cause.objid, hit.attnum),
                         pg::relation_display(hit.cause.objid));
    case Hit::What::kRelation:
      return pg::relation_display(hit.cause.objid);
    default:
      return pg::describe(hit.cause);
  }
}

std::string remedy(const Hit& hit) {
  if (hit.what == Hit::What::kColumn)
    return fmt::format(
        "Say what versions read instead: SELECT strata.replace_column({}, {}, 'expression'); or "
        "retire the "
        "versions; or let them lose it: strata.set_option(base, 'on_break', 'follow').",
        pg::quote_literal(pg::relation_display(hit.cause.objid)),
        pg::quote_literal(pg::attribute_name(hit.cause.objid, hit.attnum)));
  if (hit.what == Hit::What::kRelation)
    return "Retire the versions with strata.retire(); to swap in another table rename this one "
           "away first; "
           "or let versions lose it: strata.set_option(base, 'on_break', 'follow').";
  return "Retire the versions that use it with strata.retire(base, version).";
}

[[noreturn]] void refuse(const catalog::Registry& registry, const std::vector<Hit>& broken) {
  const Hit& first = broken.front();
  std::set<std::string> shown;
  for (const Hit& hit : broken) {
    const catalog::VersionView* view = registry.view(hit.view);
    const catalog::Version* version = view ? registry.version(view->version_id) : nullptr;
    if (version != nullptr && view->kind != catalog::Kind::kTwin)
      shown.insert(
          fmt::format("{} (version \"{}\")", pg::relation_display(hit.view), version->version));
  }
  std::string list;
  for (const std::string& name : shown)
    list += (list.empty() ? "" : ", ") + name;
  throw Error(sqlstate::kBreaksVersion,
              fmt::format("cannot drop {} because live versions show it", subject(first)),
              list.empty() ? "Views by which versions work depend on it."
                           : fmt::format("Shown by: {}.", list),
              remedy(first));
}

// Returns true when the version that the hit is a part of follows: then DROP OWNED leaves it to
// the extension's owner.
bool can_be_handed_over(const catalog::Registry& registry, const Hit& hit) {
  const catalog::VersionView* view = registry.view(hit.view);
  const catalog::Version* version =
      view ? registry.version(view->version_id) : registry.version_of_schema(hit.cause.objid);
  const catalog::BaseSchema* base = version ? registry.base_schema(version->base) : nullptr;
  return base != nullptr && base->follow;
}

void hand_over(const Hit& hit) {
  const Oid owner = pg::extension_owner();
  const bool is_view = OidIsValid(hit.view);
  const std::string name =
      is_view ? pg::relation_display(hit.view) : pg::quote(pg::schema_name(hit.cause.objid));
  const pg::ActAs act(owner);
  pg::Spi spi;
  spi.run(fmt::format("ALTER {} {} OWNER TO {}", is_view ? "VIEW" : "SCHEMA", name,
                      pg::quote(pg::role_name(owner))));
  if (!is_view)
    notice(fmt::format("version schema {} belongs to {} from now on", name, pg::role_name(owner)));
}

// Returns the version views that show the type or something made of it, in order.
std::set<Oid> views_showing(const catalog::Registry& registry, const pg::Object& type) {
  std::set<Oid> out;
  for (const Hit& hit : ddl::drop_hits(registry, {type}, true))
    if (registry.view(hit.view) != nullptr) out.insert(hit.view);
  return out;
}

}  // namespace

void refuse_drops(const catalog::Registry& registry, const ddl::Statement& statement,
                  const std::vector<Hit>& hits) {
  if (mode() == Mode::kRecord) return;
  std::vector<Hit> broken;
  for (const Hit& hit : hits) {
    if (hit.what == Hit::What::kItself && statement.drops_owned) continue;
    if (hit.what == Hit::What::kItself) protect_hit(registry, hit);
    if (followed(registry, hit) || adoptable(statement, hits, hit) || left_to_core(statement, hit))
      continue;
    broken.push_back(hit);
  }
  if (!broken.empty()) refuse(registry, broken);
  // A version belongs to the owner of its base schema, so DROP OWNED names both; what it takes from
  // the base tells more.
  for (const Hit& hit : hits)
    if (hit.what == Hit::What::kItself && !can_be_handed_over(registry, hit))
      protect_hit(registry, hit);
}

void refuse_altered_types(const catalog::Registry& registry, const ddl::Statement& statement) {
  if (mode() == Mode::kRecord) return;
  for (const pg::Object& type : statement.altered_types)
    for (const Oid shown_by : views_showing(registry, type)) {
      if (registry.follows(*registry.view(shown_by))) continue;
      throw Error(sqlstate::kBreaksVersion,
                  fmt::format("cannot change {} because live versions show it", pg::describe(type)),
                  fmt::format("Shown by {}, whose clients know the values as they are.",
                              pg::relation_display(shown_by)),
                  "Create a new type, ALTER COLUMN ... TYPE new_type USING column::text::new_type, "
                  "then drop the old "
                  "one: versions keep it. Or: strata.set_option(base, 'on_break', 'follow').");
    }
}

void follow_altered_types(const ddl::Statement& statement) {
  for (const pg::Object& type : statement.altered_types)
    for (const Oid shown_by : views_showing(catalog::registry(), type))
      notice(fmt::format("version view {} shows the change of {}", pg::relation_display(shown_by),
                         pg::describe(type)));
}

void forget_dropped_columns(const ddl::Statement& statement, const std::vector<Hit>& hits) {
  std::set<std::pair<Oid, AttrNumber>> columns;
  for (const pg::Object& drop : statement.drops)
    if (drop.subid > 0 && !catalog::registry().views_of(drop.objid).empty())
      columns.emplace(drop.objid, static_cast<AttrNumber>(drop.subid));
  for (const Hit& hit : hits)
    if (hit.what == Hit::What::kColumn) columns.emplace(hit.cause.objid, hit.attnum);
  for (const auto& [relation, attnum] : columns)
    catalog::forget_dropped_column(relation, pg::attribute_name(relation, attnum));
}

// Records which columns of the contract stop being computed.
static void mark_lost(const catalog::VersionView& view, AttrNumber attnum) {
  const auto columns = pg::view_columns(view.view, view.base);
  for (size_t i = 0; i < columns.size(); i++)
    if (std::find(columns[i].reads.begin(), columns[i].reads.end(), attnum) !=
        columns[i].reads.end())
      catalog::set_lost(view.relation_id, static_cast<int>(i) + 1, true);
}

void follow_drops(const std::vector<Hit>& hits) {
  std::map<std::pair<Oid, Oid>, std::vector<pg::ColumnEdit>> edits;
  std::vector<Hit> defaults;
  for (const Hit& hit : hits) {
    const catalog::VersionView* found = catalog::registry().view(hit.view);
    if (hit.what == Hit::What::kItself && mode() != Mode::kRecord) {
      const pg::InternalDdl internal;
      hand_over(hit);
      continue;
    }
    if (found == nullptr || hit.what == Hit::What::kContract || hit.what == Hit::What::kItself)
      continue;
    const catalog::VersionView view = *found;
    const pg::InternalDdl internal;
    if (hit.what == Hit::What::kRelation) {
      notice(
          fmt::format("version view {} reads no rows from now on", pg::relation_display(view.view)),
          fmt::format("{} is going.", pg::relation_display(hit.cause.objid)));
      pg::store_view_text(view.view, pg::shape_of(view.view) + " WHERE false");
      catalog::set_base(view.relation_id, InvalidOid);
      version::drop_defaults(view);
    } else if (hit.what == Hit::What::kDefault) {
      defaults.push_back(hit);
    } else {
      pg::ColumnEdit edit;
      edit.attnum = hit.attnum;
      edit.how = pg::ColumnEdit::How::kForget;
      edits[{view.view, view.base}].push_back(edit);
      mark_lost(view, hit.attnum);
      notice(fmt::format(
          "version view {} shows its default or NULL for what it read from column \"{}\"",
          pg::relation_display(view.view), pg::attribute_name(view.base, hit.attnum)));
    }
  }
  for (const auto& [at, list] : edits)
    if (catalog::registry().view(at.first) != nullptr &&
        OidIsValid(catalog::registry().view(at.first)->base))
      pg::edit_view(at.first, at.second, at.second, list);
  // Last, because a column that is lost shows its default.
  for (const Hit& hit : defaults) {
    if (!pg::has_default(hit.view, hit.attnum)) continue;
    notice(fmt::format("column \"{}\" of version view {} has no default of its own any more",
                       pg::attribute_name(hit.view, hit.attnum), pg::relation_display(hit.view)));
    pg::drop_default(hit.view, hit.attnum);
  }
}

}  // namespace strata::upkeep
