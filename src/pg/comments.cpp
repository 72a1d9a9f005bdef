// Owns: reading pg_description, and which of its rows were read (see comments.hpp).
#include "pg/comments.hpp"

#include "pg/shape_fragments.hpp"

extern "C" {
#include "access/genam.h"
#include "access/relscan.h"
#include "access/table.h"
#include "catalog/dependency.h"
#include "catalog/indexing.h"
#include "catalog/pg_description.h"
#include "commands/extension.h"
#include "common/hashfn.h"
#include "utils/fmgroids.h"
}

namespace strata::pg {
namespace raw {

// The comments on one object and its columns. Also the first of several scans with one opening.
// Plain data.
class Comments {
 public:
  void open(Oid classid, Oid object) {
    catalog_ = table_open(DescriptionRelationId, AccessShareLock);
    set_keys(classid, object);
    // The keys' columns have the same numbers in the index, so the rescan can take them.
    scan_ = systable_beginscan(catalog_, DescriptionObjIndexId, true, nullptr, 2, keys_);
  }
  void close() {
    systable_endscan(scan_);
    table_close(catalog_, AccessShareLock);
  }
  void go_to(Oid classid, Oid object) {
    if (scan_->iscan == nullptr) {  // the server ignores its indexes
      close();
      return open(classid, object);
    }
    set_keys(classid, object);
    index_rescan(scan_->iscan, keys_, 2, nullptr, 0);
  }
  HeapTuple next() { return systable_getnext(scan_); }
  TupleDesc desc() const { return RelationGetDescr(catalog_); }

 private:
  void set_keys(Oid classid, Oid object) {
    ScanKeyInit(&keys_[0], Anum_pg_description_objoid, BTEqualStrategyNumber, F_OIDEQ,
                ObjectIdGetDatum(object));
    ScanKeyInit(&keys_[1], Anum_pg_description_classoid, BTEqualStrategyNumber, F_OIDEQ,
                ObjectIdGetDatum(classid));
  }

  Relation catalog_;
  SysScanDesc scan_;
  ScanKeyData keys_[2];
};

namespace {

uint64 with_rows(uint64 stamp, Comments& comments) {
  for (HeapTuple row = comments.next(); HeapTupleIsValid(row); row = comments.next())
    stamp = stamp_with_row(stamp, row);
  return stamp;
}

const char* text_of(HeapTuple row, TupleDesc desc) {
  bool is_null;
  const Datum value = heap_getattr(row, Anum_pg_description_description, desc, &is_null);
  return is_null ? nullptr : TextDatumGetCString(value);
}

// C++ objects are read only.
CommentStamps stamps_of(Oid relation, const Object* parts, size_t count) {
  Comments comments;
  comments.open(RelationRelationId, relation);
  const uint64 own = with_rows(0, comments);
  uint64 stamp = own;
  for (size_t i = 0; i < count; i++) {
    comments.go_to(parts[i].classid, parts[i].objid);
    stamp = with_rows(stamp, comments);
  }
  comments.close();
  return {own, stamp};
}

uint64 with_extension(uint64 stamp, Oid extension) {
  return hash_combine64(stamp, extension);
}

}  // namespace

StampedText* column_comments(ShapeWriter& out, Oid relation, int columns) {
  auto* texts =
      static_cast<StampedText*>(palloc0(sizeof(StampedText) * static_cast<Size>(columns + 1)));
  auto* scan = static_cast<Comments*>(palloc(sizeof(Comments)));
  out.set_comments(scan);
  Comments& comments = *scan;
  comments.open(RelationRelationId, relation);
  for (HeapTuple row = comments.next(); HeapTupleIsValid(row); row = comments.next()) {
    out.set_stamp(stamp_with_row(out.sources().stamp, row));
    const int32 column = reinterpret_cast<Form_pg_description>(GETSTRUCT(row))->objsubid;
    if (column < 0 || column > columns) continue;
    texts[column] = {text_of(row, comments.desc()), stamp_with_row(0, row)};
  }
  out.all_are_own();
  return texts;
}

void write_part_comment(ShapeWriter& out, Oid classid, Oid part) {
  Comments& comments = *out.comments();
  comments.go_to(classid, part);
  for (HeapTuple row = comments.next(); HeapTupleIsValid(row); row = comments.next()) {
    out.set_stamp(stamp_with_row(out.sources().stamp, row));
    if (reinterpret_cast<Form_pg_description>(GETSTRUCT(row))->objsubid == 0)
      out.member("comment", text_of(row, comments.desc()));
  }
}

void end_comments(ShapeWriter& out) {
  out.comments()->close();
}

void write_extension(ShapeWriter& out, const Object& object) {
  const Oid extension = getExtensionOfObject(object.classid, object.objid);
  if (OidIsValid(extension)) out.member("extension", get_extension_name(extension));
  out.set_stamp(with_extension(out.sources().stamp, extension));
}

}  // namespace raw

uint64_t comments_stamp(Oid relation) {
  return call([&] { return raw::stamps_of(relation, nullptr, 0).own; });
}

CommentStamps comments_stamps(Oid relation, const std::vector<Object>& parts) {
  return call([&] {
    CommentStamps out = raw::stamps_of(relation, parts.data(), parts.size());
    out.all = raw::with_extension(out.all, getExtensionOfObject(RelationRelationId, relation));
    return out;
  });
}

}  // namespace strata::pg
