// Owns: the refusal of row security that would not hold (see row_security.hpp).
#include "upkeep/row_security.hpp"

#include "pg/names.hpp"
#include "pg/relation.hpp"
#include "settings.hpp"

namespace strata::upkeep {
namespace {

bool enables_row_security(Node* tree) {
  if (!IsA(tree, AlterTableStmt)) return false;
  ListCell* cell;
  foreach (cell, reinterpret_cast<AlterTableStmt*>(tree)->cmds)
    if (lfirst_node(AlterTableCmd, cell)->subtype == AT_EnableRowSecurity) return true;
  return false;
}

void refuse(const catalog::Registry& registry, const catalog::VersionView& view) {
  const catalog::Version* version = registry.version(view.version_id);
  const std::string message =
      fmt::format("row security of {} would not hold for version view {}",
                  pg::relation_display(view.base), pg::relation_display(view.view));
  const std::string detail = fmt::format(
      "Version \"{}\" was published with security owner: policies would be asked about "
      "the view's owner, not about its callers.",
      version != nullptr ? version->version : "?");
  const std::string hint =
      "Retire the version first, or publish it again with security => 'invoker'.";
  if (mode() != Mode::kRecord && !registry.follows(view))
    throw Error(sqlstate::kBreaksVersion, message, detail, hint);
  warning(message, detail, hint);
}

}  // namespace

void refuse_row_security(const catalog::Registry& registry, const ddl::Statement& statement,
                         Node* tree) {
  if (!enables_row_security(tree)) return;
  for (const ddl::TargetRelation& target : statement.relations) {
    if (target.name == nullptr) continue;  // an inheritor has row security of its own
    for (const catalog::VersionView* view : registry.views_of(target.relation))
      if (view->kind != catalog::Kind::kTwin && !pg::runs_as_caller(view->view))
        refuse(registry, *view);
  }
}

void require_no_row_security(const catalog::VersionView& view, Oid to) {
  if (!pg::has_row_security(to) || view.kind == catalog::Kind::kTwin ||
      pg::runs_as_caller(view.view))
    return;
  throw Error(sqlstate::kBreaksVersion,
              fmt::format("row security of {} would not hold for version view {}",
                          pg::relation_display(to), pg::relation_display(view.view)),
              "The view runs with its owner's rights: policies would be asked about the owner, not "
              "about its callers.",
              "Retire the version first, or publish it again with security => 'invoker'.");
}

}  // namespace strata::upkeep
