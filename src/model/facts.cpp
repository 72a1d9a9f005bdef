// Owns: what follows from facts by counting (see facts.hpp).
#include "model/facts.hpp"

#include <algorithm>
#include <limits>
#include <map>

namespace strata::model {

std::string_view name(Lock lock) {
  switch (lock) {
    case Lock::None:
      return {};
    case Lock::AccessShare:
      return "AccessShareLock";
    case Lock::RowShare:
      return "RowShareLock";
    case Lock::RowExclusive:
      return "RowExclusiveLock";
    case Lock::ShareUpdateExclusive:
      return "ShareUpdateExclusiveLock";
    case Lock::Share:
      return "ShareLock";
    case Lock::ShareRowExclusive:
      return "ShareRowExclusiveLock";
    case Lock::Exclusive:
      return "ExclusiveLock";
    case Lock::AccessExclusive:
      return "AccessExclusiveLock";
  }
  return {};
}

Blocks blocks(Lock lock) {
  if (lock == Lock::AccessExclusive) return Blocks::ReadsAndWrites;
  return lock >= Lock::Share ? Blocks::Writes : Blocks::Nothing;
}

Lock StatementFacts::strongest_lock() const {
  Lock strongest = Lock::None;
  for (const RelationFacts& relation : relations)
    if (!relation.is_new && !relation.is_temp) strongest = std::max(strongest, relation.lock);
  return strongest;
}

std::vector<std::string> StatementFacts::rewrites() const {
  std::vector<std::string> names;
  for (const RelationFacts& relation : relations)
    if (relation.rewritten) names.push_back(relation.name);
  return names;
}

std::vector<std::string> StatementFacts::scans() const {
  std::vector<std::string> names;
  for (const RelationFacts& relation : relations)
    if (relation.scanned) names.push_back(relation.name);
  return names;
}

int64_t StatementFacts::bytes_touched() const {
  std::map<uint32_t, int64_t> parts;  // by relation: two columns of a table are one table
  int64_t bytes = 0;
  bool unknown = false;
  for (const RelationFacts& relation : relations) {
    if (!relation.rewritten && !relation.scanned && !relation.emptied) continue;
    unknown = unknown || relation.bytes < 0;
    parts[relation.oid] = relation.bytes;
  }
  for (const DroppedObject& dropped : drops) {
    unknown = unknown || dropped.bytes < 0;
    if (dropped.bytes != 0) parts[dropped.objid] = dropped.bytes;
  }
  if (unknown) return std::numeric_limits<int64_t>::max();
  for (const auto& part : parts)
    bytes += part.second;
  return bytes;
}

}  // namespace strata::model
