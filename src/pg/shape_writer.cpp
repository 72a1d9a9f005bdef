// Owns: what has a say in a definition (see shape_writer.hpp).
#include "pg/shape_writer.hpp"

#include "pg/tree_walk.hpp"

extern "C" {
#include "access/transam.h"
#include "catalog/pg_constraint.h"
#include "catalog/pg_statistic_ext.h"
#include "common/hashfn.h"
#include "nodes/nodeFuncs.h"
#include "utils/lsyscache.h"
}

namespace strata::pg::raw {
namespace {

bool note_relations(Node* node, ShapeWriter* writer) {
  if (node == nullptr) return false;
  if (const auto* constant = reinterpret_cast<const Const*>(node);
      IsA(node, Const) && constant->consttype == REGCLASSOID && !constant->constisnull)
    writer->names_relation(DatumGetObjectId(constant->constvalue));
  return expression_tree_walker(node, as_walker(note_relations), writer);
}

// Whether it has a constant of a type whose values are names of other objects, as in
// 'a'::regclass.
bool has_names(const char* expression, const char* type) {
  for (const char* at = strstr(expression, "::reg"); at != nullptr; at = strstr(at + 1, "::reg"))
    if (type == nullptr || strncmp(at, type, strlen(type)) != 0) return true;
  return false;
}

}  // namespace

bool ShapeWriter::fragment(const FragmentKey& key, uint64 stamp) {
  const std::string* text = fragments_->find(key, stamp);
  if (text == nullptr) return false;
  json(text->data(), static_cast<int>(text->size()));
  return true;
}

void ShapeWriter::keep_fragment(const FragmentKey& key, uint64 stamp, int start) {
  auto* fragment = static_cast<WrittenFragment*>(palloc(sizeof(WrittenFragment)));
  if (text()[start] == ',') start++;
  *fragment = {key, stamp, start, length() - start};
  sources_.fragments = lappend(sources_.fragments, fragment);
}

void ShapeWriter::with_name(const char* name, int number) {
  names_ = hash_combine64(names_, static_cast<uint64>(number));
  names_ = hash_combine64(names_, hash_bytes_extended(reinterpret_cast<const unsigned char*>(name),
                                                      static_cast<int>(strlen(name)), 0));
}

void ShapeWriter::names_relation(Oid relation) {
  if (OidIsValid(relation))
    sources_.relations = list_append_unique_oid(sources_.relations, relation);
}

// What the server came with keeps its name.
void ShapeWriter::names_type(Oid type) {
  const Oid element = get_element_type(type);
  for (const Oid one : {type, element})
    if (one >= FirstNormalObjectId) sources_.types = list_append_unique_oid(sources_.types, one);
}

void ShapeWriter::has_part(Oid classid, Oid part) {
  if (classid == RelationRelationId) names_relation(part);
  if (classid == ConstraintRelationId)
    sources_.constraints = lappend_oid(sources_.constraints, part);
  if (classid == StatisticExtRelationId)
    sources_.statistics = lappend_oid(sources_.statistics, part);
  sources_.commented_catalogs = lappend_oid(sources_.commented_catalogs, classid);
  sources_.commented = lappend_oid(sources_.commented, part);
}

void ShapeWriter::has_expression(const char* expression, const char* tree) {
  if (expression == nullptr) return;
  // What is qualified is not the server's own.
  if (strchr(expression, '.') != nullptr) sources_.any_type = true;
  if (!has_names(expression, nullptr)) return;
  if (tree == nullptr || has_names(expression, "::regclass")) return cannot_last();
  note_relations(static_cast<Node*>(stringToNode(tree)), this);
}

}  // namespace strata::pg::raw
