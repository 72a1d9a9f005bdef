// What a write to a view becomes on the relation it reads: plain trees, made once per session and
// view by mapping_cache.cpp, used by the raise-kind files of this room.
#pragma once

#include "pg/guard.hpp"

namespace strata::rewrite {

// How one column of the base relation is written.
struct BaseWrite {
  AttrNumber attnum;
  Node* expression;   // over the view's columns, as Vars of relation 1
  Bitmapset* inputs;  // the view's columns it reads, by number
  AttrNumber direct;  // the view's column that is stored as it is; 0: computed
  bool guarded;       // an UPDATE keeps what is stored when the view's values did not change
};

// What an INSERT stores in a base column that the view does not show.
struct Fill {
  AttrNumber attnum;
  Node* expression;
};

struct WriteMapping {
  Oid view;
  Oid base;
  bool is_version;   // a version view; else an updatable view of somebody else's
  int columns;       // of the view
  Node** reads;      // by column of the view: what it shows, over the base as relation 1
  Node** defaults;   // by column of the view: its own default, or null
  AttrNumber* keys;  // by column of the view: the base column where the same values are equal, or 0
  bool* lossless;    // by column of the view: no value changes on its way in or out, proven
  Oid* equalities;   // by column of the view: equality by image (see unchanged.hpp), or 0
  int write_count;
  BaseWrite* writes;
  int fill_count;
  Fill* fills;
};

}  // namespace strata::rewrite
