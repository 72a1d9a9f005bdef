// Owns: comparing mappings before and after (see mapping_changes.hpp).
#include "provenance/mapping_changes.hpp"

#include "model/json.hpp"
#include "model/mask.hpp"
#include "pg/relation.hpp"
#include "provenance/readable.hpp"

extern "C" {
#include "nodes/parsenodes.h"
}

namespace strata::provenance {
namespace {

std::string json_of(const mapping::ListedColumn& column) {
  std::string out = fmt::format("{{\"kind\": {}", model::json_string(column.kind));
  if (column.read_as) out += ", \"read_as\": " + model::json_string(*column.read_as);
  return out + ", \"write_as\": " + column.write_as + "}";
}

}  // namespace

Remapped remapped_by(const Node* tree) {
  Remapped out;
  if (IsA(tree, DropStmt) || IsA(tree, DropOwnedStmt)) {
    out.any = true;
  } else if (IsA(tree, RenameStmt)) {
    const auto* stmt = reinterpret_cast<const RenameStmt*>(tree);
    out.any = stmt->renameType == OBJECT_COLUMN;
    if (out.any) out.named.emplace_back(stmt->subname);
  } else if (IsA(tree, AlterTableStmt)) {
    const ListCell* cell;
    foreach (cell, reinterpret_cast<const AlterTableStmt*>(tree)->cmds) {
      const auto* command = static_cast<const AlterTableCmd*>(lfirst(cell));
      if (command->subtype != AT_AlterColumnType && command->subtype != AT_DropColumn) continue;
      out.any = true;
      out.named.emplace_back(command->name);
    }
  }
  return out;
}

void MappingChanges::watch(Oid relation, const std::vector<std::string>& named) {
  std::vector<catalog::VersionView> views;  // listing may run SQL, and the registry be read again
  for (const catalog::VersionView* view : catalog::registry().views_of(relation))
    if (view->kind != catalog::Kind::kTwin) views.push_back(*view);
  if (views.empty()) return;
  // What another session is changing now is not known before it ends; then the path looks again.
  const Readable base({RelationRelationId, relation, 0});
  if (!base) return;
  std::set<AttrNumber> changing;
  for (const std::string& column : named)
    changing.insert(pg::attribute_number(relation, column));
  for (const catalog::VersionView& view : views) {
    const Readable itself({RelationRelationId, view.view, 0});
    const Readable inverse(
        {OidIsValid(view.inverse) ? RelationRelationId : InvalidOid, view.inverse, 0});
    if (!itself || !inverse) continue;
    // What an inverse view writes may be made of all columns.
    const bool all = named.empty() || OidIsValid(view.inverse);
    const auto wanted = [&](AttrNumber, const pg::ViewColumn& column) {
      return all || std::any_of(column.reads.begin(), column.reads.end(),
                                [&](AttrNumber read) { return changing.count(read) > 0; });
    };
    auto columns = mapping::list_columns(view, wanted);
    const catalog::Version* version = catalog::registry().version(view.version_id);
    if (version != nullptr && !columns.empty())
      views_[view.view] = {version->version, view.name, std::move(columns)};
  }
}

Text MappingChanges::found() const {
  std::string out;
  for (const auto& [oid, view] : views_) {
    const catalog::VersionView* known = catalog::registry().view(oid);
    if (known == nullptr) continue;
    const auto now = mapping::list_columns(
        catalog::VersionView(*known), [&view = view](AttrNumber position, const pg::ViewColumn&) {
          return view.columns.count(position) > 0;
        });
    for (const auto& [position, is] : now) {
      const mapping::ListedColumn& was = view.columns.at(position);
      if (was.kind == is.kind && was.read_as == is.read_as && was.write_as == is.write_as) continue;
      out += out.empty() ? "[{" : ", {";
      out += fmt::format("\"version\": {}, \"relation\": {}, \"column\": {}, ",
                         model::json_string(view.version), model::json_string(view.relation),
                         model::json_string(was.name));
      out += fmt::format("\"before\": {}, \"after\": {}", json_of(was), json_of(is));
      out += "}";
    }
  }
  return out.empty() ? Text() : Text(model::mask_in_definition(out + "]"));
}

}  // namespace strata::provenance
