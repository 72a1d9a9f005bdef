// Errors about base columns and constraints, in the words of the version that was written through.
//
// Owns: nothing; the words live with the cached mapping. They are made when the mapping is, because
// nobody may look at catalogs after an error.
#pragma once

#include "catalog/registry.hpp"
#include "rewrite/write_mapping.hpp"

namespace strata::rewrite {

// What a version view and its base call things.
struct Words {
  struct Column {
    std::string stored;  // the base column
    std::string shown;   // the view's column that is stored in it; empty: none is
  };
  std::string view_schema, view, base_schema, base;
  std::map<std::string, Column> columns;  // by base column
  // By constraint or unique index: the base columns it is on.
  std::map<std::string, std::vector<std::string>> keys;
};

// Returns the words of a version view for the mapping.
Words words_of(const catalog::VersionView& view, const WriteMapping& mapping);

// Returns the error as the clients of the version should read it; as it is when it does not speak
// of the base relation. Looks at no catalog.
Error in_words(const Error& error, const Words& words);

}  // namespace strata::rewrite
