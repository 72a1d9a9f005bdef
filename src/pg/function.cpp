// Owns: building the rows of set-returning functions (see function.hpp).
#include "pg/function.hpp"

namespace strata::pg {

void ResultSet::add(const std::vector<std::optional<std::string>>& row) {
  std::vector<const char*> cells;
  cells.reserve(row.size());
  for (const auto& cell : row)
    cells.push_back(cell ? cell->c_str() : nullptr);
  call([&] {
    auto* result = reinterpret_cast<ReturnSetInfo*>(info_->resultinfo);
    AttInMetadata* meta = TupleDescGetAttInMetadata(result->setDesc);
    HeapTuple tuple = BuildTupleFromCStrings(meta, const_cast<char**>(cells.data()));
    tuplestore_puttuple(result->setResult, tuple);
  });
}

}  // namespace strata::pg
