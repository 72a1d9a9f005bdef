// Owns: protection of versions and of the extension itself (see protect.hpp).
#include "upkeep/protect.hpp"

#include "pg/names.hpp"
#include "pg/relation.hpp"
#include "settings.hpp"

extern "C" {
#include "catalog/pg_extension.h"
#include "catalog/pg_namespace.h"
#include "catalog/pg_trigger.h"
#include "catalog/pg_type.h"
#include "commands/extension.h"
}

namespace strata::upkeep {
namespace {

constexpr const char* kRetireHint = "Versions end with strata.retire(base, version).";

// Raises the objection; in record mode it is no more than a warning, and the statement runs.
void object(const std::string& message, const std::string& detail, const std::string& hint) {
  if (mode() != Mode::kRecord) throw Error(sqlstate::kContractViolation, message, detail, hint);
  warning("pg_strata.mode = enforce would refuse this: " + message, detail, hint);
}

// What to do instead. A client of the version has its schema first in search_path, so a migration
// that names no schema ends up here.
std::string instead_of(const catalog::VersionView& view) {
  if (!OidIsValid(view.base)) return kRetireHint;
  return fmt::format("Change {} instead, naming its schema; the version follows. {}",
                     pg::relation_display(view.base), kRetireHint);
}

void refuse_relation(const catalog::VersionView& view, const char* what) {
  const catalog::Version* version = catalog::registry().version(view.version_id);
  object(fmt::format("cannot {} version view {}", what, pg::relation_display(view.view)),
         version
             ? fmt::format(
                   "It is part of version \"{}\" of schema \"{}\", whose contract never changes.",
                   version->version, version->base)
             : "",
         instead_of(view));
}

void refuse_schema(const catalog::Version& version, const char* what) {
  object(fmt::format("cannot {} version schema \"{}\"", what, version.schema),
         fmt::format("It holds version \"{}\" of schema \"{}\".", version.version, version.base),
         kRetireHint);
}

// Ownership may change hands (a role leaves, REASSIGN OWNED); nothing else may.
bool only_changes_owner(Node* tree) {
  if (!IsA(tree, AlterTableStmt)) return false;
  ListCell* cell;
  foreach (cell, reinterpret_cast<AlterTableStmt*>(tree)->cmds)
    if (lfirst_node(AlterTableCmd, cell)->subtype != AT_ChangeOwner) return false;
  return true;
}

// A dump gives a version view the trigger that every version view has; any other is refused.
bool restores_trigger(Node* tree) {
  if (!IsA(tree, CreateTrigStmt)) return false;
  const auto* trigger = reinterpret_cast<CreateTrigStmt*>(tree);
  return strcmp(trigger->trigname, "strata_write") == 0 &&
         trigger->timing == TRIGGER_TYPE_INSTEAD && list_length(trigger->funcname) == 2 &&
         strcmp(strVal(linitial(trigger->funcname)), "strata") == 0 &&
         strcmp(strVal(lsecond(trigger->funcname)), "write_through") == 0;
}

// The schemas that the library knows by their names.
bool is_our_schema(const char* name) {
  return strcmp(name, "strata") == 0 || strcmp(name, "strata_inverse") == 0;
}

[[noreturn]] void refuse_taking_apart() {
  throw Error(sqlstate::kContractViolation, "cannot change what belongs to extension \"pg_strata\"",
              "Its registry is what keeps the versions right.",
              "To remove it: retire all versions, then DROP EXTENSION pg_strata.");
}

std::string live_versions(const catalog::Registry& registry) {
  std::string list;
  for (const auto& [id, version] : registry.versions())
    list += fmt::format("{}{} of {}", list.empty() ? "" : ", ", version.version, version.base);
  return list;
}

}  // namespace

bool protects(const Node* tree) {
  if (IsA(tree, DropStmt))
    return reinterpret_cast<const DropStmt*>(tree)->removeType == OBJECT_EXTENSION;
  if (IsA(tree, RenameStmt)) {
    const auto* rename = reinterpret_cast<const RenameStmt*>(tree);
    return rename->renameType == OBJECT_SCHEMA && is_our_schema(rename->subname);
  }
  return IsA(tree, AlterExtensionContentsStmt);
}

void protect(Node* tree) {
  const Oid extension = pg::call([] { return get_extension_oid("pg_strata", true); });
  if (!pg::may_drop({ExtensionRelationId, extension, 0})) return;  // core says so
  if (IsA(tree, RenameStmt)) refuse_taking_apart();
  if (IsA(tree, AlterExtensionContentsStmt)) {
    if (strcmp(reinterpret_cast<AlterExtensionContentsStmt*>(tree)->extname, "pg_strata") != 0)
      return;
    refuse_taking_apart();
  }
  bool ours = false;
  ListCell* cell;
  foreach (cell, reinterpret_cast<DropStmt*>(tree)->objects)
    ours = ours || strcmp(strVal(lfirst(cell)), "pg_strata") == 0;
  const catalog::Registry& registry = catalog::registry();
  if (!ours || registry.versions().empty()) return;
  throw Error(sqlstate::kVersionInUse, "cannot drop extension \"pg_strata\" while versions live",
              fmt::format("Live: {}.", live_versions(registry)), kRetireHint);
}

void refuse_version_targets(const catalog::Registry& registry, const ddl::Statement& statement,
                            Node* tree) {
  if (!statement.renamed_schema.empty()) {
    const catalog::Version* version =
        registry.version_of_schema(pg::schema_oid(statement.renamed_schema));
    if (version != nullptr) refuse_schema(*version, "rename");
  }
  if (IsA(tree, LockStmt) || only_changes_owner(tree) || restores_trigger(tree)) return;
  if (IsA(tree, DropStmt) && mode() == Mode::kRecord) return;  // said when it goes
  for (const ddl::TargetRelation& target : statement.relations) {
    const catalog::VersionView* view = registry.view(target.relation);
    if (view != nullptr) refuse_relation(*view, IsA(tree, DropStmt) ? "drop" : "change");
  }
}

void protect_hit(const catalog::Registry& registry, const ddl::Hit& hit) {
  if (mode() == Mode::kRecord) return;  // said when it goes, by protect_from_drop
  const catalog::VersionView* view = registry.view(hit.view);
  if (view != nullptr) return refuse_relation(*view, "drop");
  refuse_schema(*registry.version_of_schema(hit.cause.objid), "drop");
}

void protect_from_drop(Oid classid, Oid object, int32_t subid) {
  if (subid != 0) return;
  const catalog::Registry& registry = catalog::registry();
  if (!registry.in_use()) return;
  if (classid == RelationRelationId) {
    const catalog::VersionView* view = registry.view(object);
    if (view != nullptr) refuse_relation(*view, "drop");
    const catalog::VersionView* inverse_of = registry.view_of_inverse(object);
    if (inverse_of != nullptr) refuse_relation(*inverse_of, "drop the inverse view of");
  } else if (classid == NamespaceRelationId) {
    const catalog::Version* version = registry.version_of_schema(object);
    if (version != nullptr) refuse_schema(*version, "drop");
  }
}

bool may_run(const ddl::Statement& statement) {
  for (const ddl::TargetRelation& target : statement.relations) {
    if (target.name == nullptr) continue;
    if (pg::owns_relation(target.relation)) continue;
    if (statement.privilege != 0 && pg::has_privilege(target.relation, statement.privilege))
      continue;
    if (statement.schema_owner_suffices && pg::owns_schema_of(target.relation)) continue;
    return false;
  }
  for (const pg::Object& drop : statement.drops)
    if (!pg::may_drop(drop)) return false;
  for (const pg::Object& type : statement.altered_types)
    if (!pg::may_drop(type)) return false;
  if (OidIsValid(statement.altered_domain) &&
      !pg::may_drop({TypeRelationId, statement.altered_domain, 0}))
    return false;
  const Oid schema =
      statement.renamed_schema.empty() ? InvalidOid : pg::schema_oid(statement.renamed_schema);
  return !OidIsValid(schema) || pg::may_drop({NamespaceRelationId, schema, 0});
}

}  // namespace strata::upkeep
