// Owns: loading and invalidating the registry (see registry.hpp).
#include "catalog/registry.hpp"

#include "pg/catalog_watch.hpp"
#include "pg/guard.hpp"
#include "pg/names.hpp"
#include "pg/replaced.hpp"
#include "pg/table_scan.hpp"

extern "C" {
#include "commands/extension.h"
#include "utils/inval.h"
#include "utils/syscache.h"
}

namespace strata::catalog {
namespace {

// Columns of the registry's tables; the install script keeps these positions for ever.
enum BaseColumns { kBaseName = 1, kBaseOwner, kBaseOnBreak = 4 };
enum VersionColumns {
  kVersionId = 1,
  kVersionBase,
  kVersionVersion,
  kVersionSchema,
  kVersionState
};
enum RelationColumns {
  kRelationId = 1,
  kRelationVersion,
  kRelationName,
  kRelationKind,
  kRelationView,
  kRelationBase,
  kRelationInverse
};

enum class Presence { kUnknown, kAbsent, kPresent };

Registry* current = nullptr;
bool loaded_with_extension = false;
bool stale = true;          // the tables have changed
bool schemas_moved = true;  // some schema has changed
Oid signal_relation =
    InvalidOid;  // strata.published_version: its relcache invalidation is the signal
Presence presence = Presence::kUnknown;

Kind kind_of(const std::string& text) {
  if (text == "partition") return Kind::kPartition;
  if (text == "view") return Kind::kView;
  if (text == "twin") return Kind::kTwin;
  return Kind::kTable;
}

void forget_on_signal(Oid relid) noexcept {
  if (relid == InvalidOid || relid == signal_relation) stale = true;
}

void forget_schemas(Datum, int, uint32) {
  schemas_moved = true;
  presence = Presence::kUnknown;
}

}  // namespace

// Builds a Registry from its tables.
struct Loader {
  static void load(Registry& out) {
    load_bases(out);
    load_versions(out);
    find_schemas(out);
    load_relations(out);
  }

  static void load_bases(Registry& out) {
    const pg::TableRows rows = pg::read_table("strata", "base_schema");
    for (int i = 0; i < rows.count(); i++) {
      out.bases_.push_back({rows.name(i, kBaseName), rows.oid(i, kBaseOwner), InvalidOid,
                            rows.text(i, kBaseOnBreak) == "follow"});
    }
    out.dumped_ = !out.bases_.empty() && pg::read_table("strata", "settled").count() == 0;
  }

  static void load_versions(Registry& out) {
    const pg::TableRows rows = pg::read_table("strata", "published_version");
    signal_relation = rows.relid();
    for (int i = 0; i < rows.count(); i++) {
      if (rows.text(i, kVersionState) == "retired") continue;
      Version version{rows.int8(i, kVersionId), rows.name(i, kVersionBase),
                      rows.text(i, kVersionVersion), rows.name(i, kVersionSchema), InvalidOid};
      out.versions_.emplace(version.id, std::move(version));
    }
  }

  // Looks up which schemas bear the names now.
  static void find_schemas(Registry& out) {
    for (BaseSchema& base : out.bases_)
      base.oid = pg::schema_oid(base.name);
    out.version_by_schema_.clear();
    for (auto& [id, version] : out.versions_) {
      version.schema_oid = pg::schema_oid(version.schema);
      if (OidIsValid(version.schema_oid)) out.version_by_schema_[version.schema_oid] = &version;
    }
  }

  static void load_relations(Registry& out) {
    const pg::TableRows rows = pg::read_table("strata", "published_relation");
    out.views_.reserve(static_cast<size_t>(rows.count()));
    for (int i = 0; i < rows.count(); i++) {
      if (out.versions_.count(rows.int8(i, kRelationVersion)) == 0) continue;
      VersionView view{rows.int8(i, kRelationId),    rows.int8(i, kRelationVersion),
                       rows.name(i, kRelationName),  kind_of(rows.text(i, kRelationKind)),
                       rows.oid(i, kRelationView),   rows.oid(i, kRelationBase),
                       rows.oid(i, kRelationInverse)};
      out.orphans_ = out.orphans_ || view.is_orphan();
      if (OidIsValid(view.view)) out.views_.emplace(view.view, view);
    }
    out.by_id_.reserve(out.views_.size());
    for (const auto& [oid, view] : out.views_) {
      out.by_id_.emplace(view.relation_id, &view);
      if (OidIsValid(view.inverse)) out.by_inverse_.emplace(view.inverse, &view);
      if (OidIsValid(view.base)) out.by_base_[view.base].push_back(&view);
    }
    for (auto& [base, views] : out.by_base_)
      std::sort(views.begin(), views.end(),
                [](const VersionView* a, const VersionView* b) { return a->view < b->view; });
  }
};

const BaseSchema* Registry::base_schema(Oid schema) const {
  for (const BaseSchema& base : bases_)
    if (OidIsValid(schema) && base.oid == schema) return &base;
  return nullptr;
}

const BaseSchema* Registry::base_schema(const std::string& name) const {
  for (const BaseSchema& base : bases_)
    if (base.name == name) return &base;
  return nullptr;
}

const Version* Registry::version_of_schema(Oid schema) const {
  const auto found = version_by_schema_.find(schema);
  return found == version_by_schema_.end() ? nullptr : found->second;
}

const Version* Registry::version(int64_t id) const {
  const auto found = versions_.find(id);
  return found == versions_.end() ? nullptr : &found->second;
}

const VersionView* Registry::view(Oid view) const {
  const auto found = views_.find(view);
  return found == views_.end() ? nullptr : &found->second;
}

const VersionView* Registry::view_with_id(int64_t relation_id) const {
  const auto found = by_id_.find(relation_id);
  return found == by_id_.end() ? nullptr : found->second;
}

const VersionView* Registry::view_of_inverse(Oid inverse) const {
  const auto found = by_inverse_.find(inverse);
  return found == by_inverse_.end() ? nullptr : found->second;
}

const std::vector<const VersionView*>& Registry::views_of(Oid base) const {
  const auto found = by_base_.find(base);
  // On the heap and never freed: a static object would have a destructor that runs at exit.
  static const auto* const none = new std::vector<const VersionView*>();
  return found == by_base_.end() ? *none : found->second;
}

bool Registry::follows(const VersionView& view) const {
  const Version* of = version(view.version_id);
  const BaseSchema* base = of ? base_schema(of->base) : nullptr;
  return base != nullptr && base->follow;
}

bool extension_exists() {
  if (presence == Presence::kUnknown) {
    // Answered before asking, so that an invalidation that arrives meanwhile is not lost.
    presence = Presence::kAbsent;
    try {
      const Oid extension = pg::call([] { return get_extension_oid("pg_strata", true); });
      if (OidIsValid(extension)) presence = Presence::kPresent;
    } catch (...) {
      presence = Presence::kUnknown;
      throw;
    }
  }
  return presence == Presence::kPresent;
}

const Registry& registry() {
  if (current != nullptr && !stale && !schemas_moved) return *current;
  // Cleared first: what arrives while reading makes the copy stale again, and the next call reads
  // anew.
  const bool reload = current == nullptr || stale;
  stale = schemas_moved = false;
  try {
    // A created extension announces itself by its schema only.
    const bool exists = extension_exists();
    if (!reload && exists == loaded_with_extension) {
      Loader::find_schemas(*current);
      return *current;
    }
    auto fresh = std::make_unique<Registry>();
    if (exists) Loader::load(*fresh);
    loaded_with_extension = exists;
    // In the middle of CREATE EXTENSION there is no table yet that could tell us of changes.
    stale = stale || (exists && !OidIsValid(signal_relation));
    pg::Replaced<Registry>::keep(current);
    current = fresh.release();
  } catch (...) {
    stale = true;
    throw;
  }
  return *current;
}

void watch_registry() {
  pg::Replaced<Registry>::watch();
  CacheRegisterSyscacheCallback(NAMESPACEOID, forget_schemas, Datum{0});
  pg::on_relation_change(forget_on_signal);
}

}  // namespace strata::catalog
