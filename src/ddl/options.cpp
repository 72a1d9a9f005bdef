// Owns: reading options (see options.hpp).
#include "ddl/options.hpp"

extern "C" {
#include "commands/defrem.h"
}

namespace strata::ddl {

DefElem* option_named(List* options, const char* name) {
  ListCell* cell;
  foreach (cell, options) {
    auto* option = lfirst_node(DefElem, cell);
    if (strcmp(option->defname, name) == 0) return option;
  }
  return nullptr;
}

bool option_is_on(List* options, const char* name) {
  DefElem* const option = option_named(options, name);
  return option != nullptr && pg::call([&] { return defGetBoolean(option); });
}

}  // namespace strata::ddl
