// Owns: protection of versions and of the extension itself (see protect.hpp).
#include "upkeep/protect.hpp"

#include "pg/names.hpp"
#include "pg/relation.hpp"

extern "C" {
#include "catalog/pg_namespace.h"
}

namespace strata::upkeep {
namespace {

constexpr const char* kRetireHint = "Versions end with strata.retire(base, version).";

[[noreturn]] void refuse_relation(const catalog::VersionView& view, const char* what) {
  const catalog::Version* version = catalog::registry().version(view.version_id);
  throw Error(
      sqlstate::kContractViolation,
      fmt::format("cannot {} version view {}", what, pg::relation_display(view.view)),
      version ? fmt::format(
                    "It is part of version \"{}\" of schema \"{}\", whose contract never changes.",
                    version->version, version->base)
              : "",
      std::string("Change the base table instead; the version follows. ") + kRetireHint);
}

[[noreturn]] void refuse_schema(const catalog::Version& version, const char* what) {
  throw Error(
      sqlstate::kContractViolation,
      fmt::format("cannot {} version schema \"{}\"", what, version.schema),
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
  return IsA(tree, AlterExtensionContentsStmt);
}

void protect(Node* tree) {
  if (IsA(tree, AlterExtensionContentsStmt)) {
    if (strcmp(reinterpret_cast<AlterExtensionContentsStmt*>(tree)->extname, "pg_strata") != 0)
      return;
    throw Error(sqlstate::kContractViolation,
                "cannot change what belongs to extension \"pg_strata\"",
                "Its registry is what keeps the versions right.",
                "To remove it: retire all versions, then DROP EXTENSION pg_strata.");
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
  if (IsA(tree, LockStmt) || only_changes_owner(tree)) return;
  for (const ddl::TargetRelation& target : statement.relations) {
    const catalog::VersionView* view = registry.view(target.relation);
    if (view != nullptr) refuse_relation(*view, IsA(tree, DropStmt) ? "drop" : "change");
  }
}

void protect_hit(const catalog::Registry& registry, const ddl::Hit& hit) {
  const catalog::VersionView* view = registry.view(hit.view);
  if (view != nullptr) refuse_relation(*view, "drop");
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
  return true;
}

}  // namespace strata::upkeep
