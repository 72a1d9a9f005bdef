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

// Values of these have names of other objects in them, or values that do.
bool may_hold_names(Oid type) {
  return type >= FirstNormalObjectId && get_typtype(type) != TYPTYPE_ENUM;
}

bool note_names(Node* node, ShapeWriter* writer) {
  if (node == nullptr) return false;
  // Attributes of composite types get other names without the type being told of.
  if (IsA(node, FieldSelect) || IsA(node, FieldStore) || IsA(node, RowExpr)) writer->cannot_last();
  if (IsA(node, Const)) {
    const auto* constant = reinterpret_cast<const Const*>(node);
    if (constant->consttype == REGCLASSOID && !constant->constisnull)
      writer->names_relation(DatumGetObjectId(constant->constvalue));
    else if (may_hold_names(constant->consttype))
      writer->cannot_last();
  }
  return expression_tree_walker(node, as_walker(note_names), writer);
}

// Whether it has a constant of a type whose values are names of other objects, as in 'a'::regclass;
// with `known`, of another than that one.
bool has_reg_type(const char* expression, bool known) {
  constexpr std::string_view regclass = "::regclass";
  for (const char* at = strstr(expression, "::reg"); at != nullptr; at = strstr(at + 1, "::reg")) {
    const bool is_it =
        strncmp(at, regclass.data(), regclass.size()) == 0 && at[regclass.size()] != '[';
    if (!known || !is_it) return true;
  }
  return false;
}

// The same of a type of a user's, where there is no more than the text.
bool has_value_of_users_type(const char* expression) {
  for (const char* at = strstr(expression, "'::"); at != nullptr; at = strstr(at + 1, "'::"))
    if (const size_t length = strcspn(at + 3, " ,)]"); memchr(at + 3, '.', length) != nullptr)
      return true;
  return false;
}

uint64 with_name(uint64 stamp, const char* name) {
  return hash_combine64(stamp, hash_bytes_extended(reinterpret_cast<const unsigned char*>(name),
                                                   static_cast<int>(strlen(name)), 0));
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

void ShapeWriter::of_table(const char* name, Oid schema) {
  table_name_ = with_name(schema, name);
}

void ShapeWriter::has_columns(int count) {
  columns_ = count;
  column_names_ = static_cast<uint64*>(palloc0(sizeof(uint64) * static_cast<Size>(count + 1)));
}

void ShapeWriter::with_column(int number, const char* name) {
  column_names_[number] = with_name(static_cast<uint64>(number), name);
}

uint64 ShapeWriter::names_in(const int2vector& columns) const {
  uint64 stamp = table_name_;
  for (int i = 0; i < columns.dim1; i++)
    if (columns.values[i] > 0 && columns.values[i] <= columns_)
      stamp = hash_combine64(stamp, column_names_[columns.values[i]]);
  return stamp;
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
  const bool qualifies = strchr(expression, '.') != nullptr;
  // What is qualified is not the server's own.
  if (qualifies) sources_.any_type = true;
  const bool has_names = has_reg_type(expression, false) || strstr(expression, "ROW(") != nullptr;
  if (!qualifies && !has_names) return;
  if (has_reg_type(expression, tree != nullptr)) return cannot_last();
  if (tree != nullptr)
    note_names(static_cast<Node*>(stringToNode(tree)), this);
  else if (has_names || strstr(expression, ").") != nullptr || has_value_of_users_type(expression))
    cannot_last();
}

}  // namespace strata::pg::raw
