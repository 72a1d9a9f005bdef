// Owns: the forms (see row_forms.hpp).
#include "pg/row_forms.hpp"

#include "pg/catalog_watch.hpp"

extern "C" {
#include "utils/memutils.h"
}

namespace strata::pg {
namespace {

struct Kept {
  std::unique_ptr<RowForm> form;
  bool is_stale;
};

// Never freed: a static object would have a destructor that runs at exit.
auto* const forms = new std::unordered_map<Oid, Kept>();

// It may be in use: what is stale goes when it is asked for again.
void note(Oid relation) noexcept {
  for (auto& [table, kept] : *forms)
    if (!OidIsValid(relation) || table == relation) kept.is_stale = true;
}

}  // namespace

RowForm& row_form(Relation relation) {
  const Oid table = RelationGetRelid(relation);
  const auto known = forms->find(table);
  if (known != forms->end() && !known->second.is_stale) return *known->second.form;
  forms->erase(table);
  auto form = std::make_unique<RowForm>(RelationGetDescr(relation), TopMemoryContext);
  return *forms->emplace(table, Kept{std::move(form), false}).first->second.form;
}

void watch_row_forms() {
  on_relation_change(note);
}

}  // namespace strata::pg
