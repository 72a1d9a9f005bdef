// The SQL functions strata.provenance_inclusion() and strata.provenance_consistency().
#include "model/json.hpp"
#include "pg/function.hpp"
#include "provenance/json_result.hpp"
#include "provenance/prover.hpp"

namespace strata::provenance {
namespace {

std::string json_array(const std::vector<model::Digest>& digests, size_t from) {
  std::string out = "[";
  for (size_t i = from; i < digests.size(); i++)
    out += (i > from ? ", \"" : "\"") + model::hex(digests[i]) + "\"";
  return out + "]";
}

void check_range(int64_t value, int64_t least, int64_t most, const char* what) {
  if (value >= least && value <= most) return;
  throw Error(ERRCODE_INVALID_PARAMETER_VALUE,
              fmt::format("{} must be between {} and {}, not {}", what, least, most, value));
}

int64_t size_given(const pg::Arguments& args, int i, const char* what) {
  const int64_t all = chain_size();
  if (args.is_null(i)) return all;
  check_range(args.int8(i), 1, all, what);
  return args.int8(i);
}

}  // namespace
}  // namespace strata::provenance

STRATA_FUNCTION(provenance_inclusion) {
  using namespace strata::provenance;
  using strata::model::hex;
  args.require(0, "seq");
  const int64_t size = size_given(args, 1, "size");
  const strata::pg::Moment moment;
  check_range(args.int8(0), 1, size, "seq");
  const auto leaf = static_cast<uint64_t>(args.int8(0) - 1);
  const auto end = static_cast<uint64_t>(size);
  std::vector<strata::model::LeafRange> ranges = {{0, end}, {leaf, leaf + 1}};
  const auto path = strata::model::inclusion_path(leaf, end);
  ranges.insert(ranges.end(), path.begin(), path.end());
  const auto heads = heads_of(ranges, moment);
  return json_result(fmt::format(
      R"({{"seq": {}, "leaf_index": {}, "tree_size": {}, "hash": "{}", "root": "{}", "path": {}}})",
      args.int8(0), leaf, size, hex(heads[1]), hex(heads[0]), json_array(heads, 2)));
}

STRATA_FUNCTION(provenance_consistency) {
  using namespace strata::provenance;
  using strata::model::hex;
  args.require(0, "from");
  const int64_t size = size_given(args, 1, "to");
  const strata::pg::Moment moment;
  check_range(args.int8(0), 1, size, "from");
  const auto from = static_cast<uint64_t>(args.int8(0));
  const auto end = static_cast<uint64_t>(size);
  std::vector<strata::model::LeafRange> ranges = {{0, from}, {0, end}};
  const auto path = strata::model::consistency_path(from, end);
  ranges.insert(ranges.end(), path.begin(), path.end());
  const auto heads = heads_of(ranges, moment);
  return json_result(
      fmt::format(R"({{"from": {}, "to": {}, "from_root": "{}", "to_root": "{}", "path": {}}})",
                  from, size, hex(heads[0]), hex(heads[1]), json_array(heads, 2)));
}
