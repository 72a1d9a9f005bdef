// Writes a definition, and notes what else has a say in it: what changes without the relation being
// changed.
#pragma once

#include "pg/json_writer.hpp"
#include "pg/shape_fragments.hpp"

extern "C" {
#include "nodes/pg_list.h"
}

namespace strata::pg::raw {

// What a definition was made of besides the rows of its own. Lists of OIDs in palloc'd memory.
struct ShapeSources {
  bool lasts = true;      // false: it cannot be told when it changes
  List* relations = NIL;  // named in it, or parts of it
  List* types = NIL;      // of users, of columns
  bool any_type = false;  // expressions may name others
  List* constraints = NIL;
  List* statistics = NIL;
  List* commented_catalogs = NIL;  // parts whose comments are in it: pg_description.classoid
  List* commented = NIL;           // and objoid
  uint64 comments = 0;             // stamp of those on the relation and its columns: comments.hpp
  uint64 stamp = 0;                // of all that were read
  List* fragments = NIL;           // WrittenFragment, to be kept
};

class Comments;

class ShapeWriter : public JsonWriter {
 public:
  explicit ShapeWriter(const ShapeFragments* fragments) : fragments_(fragments) {}
  const ShapeSources& sources() const { return sources_; }

  // Whether the relation is read again and again.
  bool is_often_read() const { return fragments_->uses() > 2; }

  // Writes the value as it was written last, if that is known of these rows; else returns false.
  bool fragment(const FragmentKey& key, uint64 stamp);
  // What was written since has the length `start` is to be written like this the next time, too.
  void keep_fragment(const FragmentKey& key, uint64 stamp, int start);

  // Stands for the names that the server writes into the definition of an index: those of the table
  // and of the columns it is on.
  uint64 names_in(const int2vector& columns) const;
  void of_table(const char* name, Oid schema);
  void has_columns(int count);
  void with_column(int number, const char* name);

  void set_stamp(uint64 stamp) { sources_.stamp = stamp; }
  void all_are_own() { sources_.comments = sources_.stamp; }
  void set_comments(Comments* scan) { comments_ = scan; }
  Comments* comments() const { return comments_; }
  void cannot_last() { sources_.lasts = false; }
  void names_relation(Oid relation);
  void names_type(Oid type);
  void has_part(Oid classid, Oid part);

  // An expression as it is written out, with the names of what is not the server's own qualified.
  // `tree`: as it is stored; null where it is not at hand.
  void has_expression(const char* expression, const char* tree);

 private:
  ShapeSources sources_;
  const ShapeFragments* fragments_;
  Comments* comments_ = nullptr;  // the scan that is open
  uint64 table_name_ = 0;
  uint64* column_names_ = nullptr;  // in the place of their numbers
  int columns_ = 0;
};

}  // namespace strata::pg::raw
