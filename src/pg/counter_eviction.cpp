// Owns: which counters go when there are too many (see counters_memory.hpp), and the note of what
// was lost.
#include "pg/counters_memory.hpp"

namespace strata::pg {
namespace {

// Of a full table, this part goes at once.
constexpr int kEvictedPart = 20;

// Makes room in a full table: of the counters that `goes` holds for, those whose last use is the
// longest ago. What is as old as the youngest of them goes as well. Needs no memory, which might
// not be there.
template <class Goes>
void evict(Goes goes) {
  TimestampTz oldest = PG_INT64_MAX;
  TimestampTz newest = PG_INT64_MIN;
  each_counter([&](const Counter* counter) {
    if (!goes(counter)) return;
    oldest = std::min(oldest, counter->values.last);
    newest = std::max(newest, counter->values.last);
  });
  // Halves the interval until the part below is small enough but not nothing.
  const int64_t most = std::max(shared->capacity / kEvictedPart, 1);
  TimestampTz low = oldest;
  TimestampTz high = newest;
  for (int i = 0; i < 24 && low < high; i++) {
    const TimestampTz middle = low + (high - low) / 2;
    int64_t below = 0;
    each_counter(
        [&](const Counter* counter) { below += goes(counter) && counter->values.last <= middle; });
    if (below > most)
      high = middle;
    else if (below > most / 2) {
      low = middle;
      break;
    } else
      low = middle + 1;
  }
  int64_t gone = 0;
  each_counter([&](const Counter* counter) {
    if (!goes(counter) || counter->values.last > low || gone >= most) return;
    remove_counter(counter);
    gone++;
  });
  pg_atomic_fetch_add_u64(&shared->evicted, gone);
}

bool of_one_client(const CounterKey& a, const CounterKey& b) {
  return a.database == b.database && a.use.version_id == b.use.version_id &&
         a.use.role == b.use.role;
}

// Returns a counter of the role that has more than half of the table for one version; null when
// none has. (Boyer and Moore: who is more than half of all is left over when others cancel out.)
const Counter* most_of_table() {
  const Counter* leading = nullptr;
  int64_t lead = 0;
  each_counter([&](const Counter* counter) {
    if (lead == 0) leading = counter;
    lead += of_one_client(counter->key, leading->key) ? 1 : -1;
  });
  int64_t count = 0;
  each_counter([&](const Counter* counter) { count += of_one_client(counter->key, leading->key); });
  return count > shared->capacity / 2 ? leading : nullptr;
}

// A use of some version may have been lost as a whole.
void note_loss() {
  pg_atomic_write_u64(&shared->lost_at, static_cast<uint64>(GetCurrentTimestamp()));
}

bool is_of_statement(const Counter* counter) {
  return counter->key.use.relation_id == 0;
}

}  // namespace

// A client with names without end makes room for them itself, and its last uses stay. Else what
// tells that a version was used at all goes only when most of the table is of that kind.
void evict_counters() noexcept {
  if (const Counter* of = most_of_table()) {
    const CounterKey key = of->key;
    return evict([&](const Counter* counter) { return of_one_client(counter->key, key); });
  }
  int64_t parts = 0;
  each_counter([&](const Counter* counter) { parts += !is_of_statement(counter); });
  if (parts * kEvictedPart >= shared->capacity)
    return evict([](const Counter* counter) { return !is_of_statement(counter); });
  evict([](const Counter*) { return true; });
  note_loss();
}

void lose(const CountedUse* uses, size_t count) noexcept {
  pg_atomic_fetch_add_u64(&shared->evicted, static_cast<int64>(count));
  for (const CountedUse* use = uses; use < uses + count; use++)
    if (use->relation_id == 0) return note_loss();
}

}  // namespace strata::pg
