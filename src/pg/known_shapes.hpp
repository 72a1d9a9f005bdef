// The definitions of tables that this session has read and that nobody has changed since. A
// migration takes a table through many statements; what one leaves is what the next one finds.
//
// The server tells every session what others have committed, and its own commits come back to it
// the same way (SendSharedInvalidMessages and AcceptInvalidationMessages in utils/cache/inval.c).
// Only what all such messages speak of is kept: of comments and of extensions' members there are
// none, so those are looked at.
//
// Scope: backend. A rollback, also that of a savepoint, tells what it takes back.
#pragma once

#include "pg/shape_writer.hpp"

namespace strata::pg {

struct KnownShape {
  std::string name;   // as of shape_name()
  std::string shape;  // as of shape_of()
  uint64_t comments;  // as of comments_stamp() of the relation
};

// Returns what is known of the relation and still holds, null otherwise. Valid until the next call
// of anything here or of the server.
const KnownShape* known_shape(Oid relation);

// While one lives, what is changed meanwhile is not remembered.
class ShapeReading {
 public:
  explicit ShapeReading(Oid relation);
  ~ShapeReading();
  ShapeReading(const ShapeReading&) = delete;
  ShapeReading& operator=(const ShapeReading&) = delete;

  // Nothing has got another name meanwhile.
  bool is_undisturbed() const;

  // Keeps what was read.
  void remember(const raw::ShapeSources& sources, KnownShape known);

 private:
  Oid relation_;
};

// Registers the callbacks. Raise-kind.
void watch_known_shapes();

}  // namespace strata::pg
