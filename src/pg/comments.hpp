// Comments: the server tells no session that they were changed (pg_description has no cache).
// Whoever keeps what has comments in it looks whether they are the same rows.
#pragma once

#include "pg/depend.hpp"
#include "pg/shape_writer.hpp"

namespace strata::pg {

// Returns a number that is another one when comments on the relation or its columns were changed.
uint64_t comments_stamp(Oid relation);

struct CommentStamps {
  uint64_t own;  // as comments_stamp()
  uint64_t all;
};

// Returns the same for the relation, its columns, these parts of it, and the extension it is a
// member of, which the server tells nobody, either. They are ShapeSources::comments and stamp of a
// definition that has not changed.
CommentStamps comments_stamps(Oid relation, const std::vector<Object>& parts);

namespace raw {

struct StampedText {
  const char* text;
  uint64 stamp;  // of its row: see shape_fragments.hpp
};

// Returns the comments of the relation's columns, each in the place of its number, and the
// relation's own in place 0; zeros where there is none. Leaves their scan open for
// write_part_comment(), until end_comments().
StampedText* column_comments(ShapeWriter& out, Oid relation, int columns);

// Writes the comment of a part that has_part() was called for.
void write_part_comment(ShapeWriter& out, Oid classid, Oid part);
void end_comments(ShapeWriter& out);

// Writes the extension that the object is a member of.
void write_extension(ShapeWriter& out, const Object& object);

}  // namespace raw
}  // namespace strata::pg
