// Owns: indexes made for versions (see look_ups.hpp).
#include "upkeep/look_ups.hpp"

#include "pg/mapping_index.hpp"
#include "pg/names.hpp"
#include "pg/view_columns.hpp"

namespace strata::upkeep {

bool indexed(const std::vector<pg::IndexShape>& shapes, AttrNumber attnum) {
  for (const pg::IndexShape& shape : shapes)
    if (std::find(shape.columns.begin(), shape.columns.end(), attnum) != shape.columns.end())
      return true;
  return false;
}

void serve_look_ups(Oid view, Oid base, AttrNumber attnum,
                    const std::vector<pg::IndexShape>& shapes) {
  int position = 0;
  for (const pg::ViewColumn& column : pg::view_columns(view, base)) {
    position++;
    if (std::find(column.reads.begin(), column.reads.end(), attnum) == column.reads.end()) continue;
    for (const pg::IndexShape& shape : shapes) {
      if (!indexed({shape}, attnum)) continue;
      const Oid made = pg::make_index_for(shape, attnum, view, base, position);
      if (!OidIsValid(made)) continue;
      notice(fmt::format("index {} made for look-ups through version view {}",
                         pg::relation_name(made), pg::relation_display(view)));
    }
  }
}

}  // namespace strata::upkeep
