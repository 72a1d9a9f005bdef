// The stored query of a version view: replacing expressions in it.
//
// A version view that reads a base relation is one SELECT over exactly that relation, so every
// expression of it is a target entry over Vars of one range table entry. All changes go through the
// rule layer (DefineQueryRewrite with replace): it checks names and types against the view itself,
// replaces the rule's dependencies and changes nothing else, so the view keeps OID, grants,
// options, defaults and dependants. SQL CREATE OR REPLACE VIEW would reset the options.
#pragma once

#include "pg/guard.hpp"

namespace strata::pg {

// A change of what a view reads in place of one base column.
struct ColumnEdit {
  enum class How {
    kConvert,     // read the column `next` as it is now, converted to what `attnum` was
    kExpression,  // read `expression` instead
    kForget,      // nothing is left: show the contract's default or NULL
  };
  AttrNumber attnum = 0;
  How how = How::kConvert;
  AttrNumber next = 0;             // kConvert
  Oid old_type = InvalidOid;       // kConvert: what the column was
  int32_t old_typmod = -1;         // kConvert
  Oid old_collation = InvalidOid;  // kConvert
  bool keyed = false;              // kConvert: an index serves the conversion (raw::convert)
  Node* expression = nullptr;      // kExpression: over the base relation as varno 1
};

// Applies the edits to the view's query and stores it, as the view's owner. `next` is the relation
// it reads from then on, usually `base` itself.
void edit_view(Oid view, Oid base, Oid next, const std::vector<ColumnEdit>& edits);

// Makes the view, one SELECT over `base` with as many columns of the same types, read these
// expressions over `base` as varno 1, and stores it, as the view's owner.
void set_view_expressions(Oid view, Oid base, const std::vector<Node*>& expressions);

// Deletes the dependency of the view's rule on one base column, so that core's ALTER TABLE does not
// see the view; the caller stores the view's query again before the statement ends.
void release_column(Oid view, Oid base, AttrNumber attnum);

}  // namespace strata::pg
