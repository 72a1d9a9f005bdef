// Owns: the definitions that still hold, and what of the server's messages is about them (see
// known_shapes.hpp).
#include "pg/known_shapes.hpp"

#include "pg/catalog_watch.hpp"
#include "pg/comments.hpp"

extern "C" {
#include "access/xact.h"
#include "storage/sinval.h"
#include "utils/inval.h"
#include "utils/memutils.h"
#include "utils/syscache.h"
}

namespace strata::pg {
namespace {

// What a message is about: a relation by OID, or a row of a cache by the hash of its key.
using Subject = uint64_t;

constexpr Subject relation_subject(Oid relation) {
  return (uint64_t{1} << 63) | relation;
}

constexpr Subject row_subject(int cache, uint32_t hash) {
  return (static_cast<uint64_t>(cache) << 32) | hash;
}

struct Known {
  KnownShape shape;
  std::vector<Subject> subjects;
  bool any_type;
  std::vector<Object> commented;
  uint64_t stamp;
};

constexpr size_t kRoom = 64;
constexpr size_t kLongest = 64 * 1024;

// Never freed: static objects would have destructors that run at exit.
auto* const known = new std::unordered_map<Oid, Known>();

// How many messages of each kind this session's last commit has sent, and not seen itself yet.
auto* const own_messages = new std::unordered_map<Subject, int>();

// What was changed while a definition was read.
auto* const meanwhile = new std::vector<Subject>();
bool is_reading = false;
bool all_changed = false;

void forget_all() noexcept {
  known->clear();
  forget_fragments();
  all_changed = true;
}

// Whether the message is one of our own that comes back. Others that came before it are not told
// from it: but then one more than ours is left over, and that one counts.
bool is_own(Subject subject) noexcept {
  const auto own = own_messages->find(subject);
  if (own == own_messages->end()) return false;
  if (--own->second == 0) own_messages->erase(own);
  return true;
}

void forget_what_has(Subject subject) noexcept {
  if (is_own(subject)) return;
  std::erase_if(*known, [&](const auto& entry) {
    const std::vector<Subject>& subjects = entry.second.subjects;
    return std::find(subjects.begin(), subjects.end(), subject) != subjects.end();
  });
  if (!is_reading) return;
  try {
    meanwhile->push_back(subject);
  } catch (...) {
    all_changed = true;
  }
}

void forget_relation(Oid relation) noexcept {
  if (!OidIsValid(relation)) return forget_all();
  forget_what_has(relation_subject(relation));
}

void forget_row(Datum, int cache, uint32 hash) {
  if (hash == 0) return forget_all();
  forget_what_has(row_subject(cache, hash));
}

// Of types, what expressions name is not known one by one. Our own commits are not told from those
// of others here: they are few that change types and tables.
void forget_type(Datum, int cache, uint32 hash) {
  if (cache == ENUMOID || hash == 0)
    forget_all();
  else
    forget_what_has(row_subject(cache, hash));
  std::erase_if(*known, [](const auto& entry) { return entry.second.any_type; });
  if (is_reading) all_changed = true;
}

void forget_names(Datum, int, uint32) {
  forget_all();
}

// Returns how many there are. Raise-kind.
int messages_of_commit(SharedInvalidationMessage** messages) {
  // What waits for the end of the command is told to this session now: it is no commit's yet.
  CommandCounterIncrement();
  bool unused;
  return xactGetCommittedInvalidationMessages(messages, &unused);
}

void expect_own() {
  own_messages->clear();
  if (known->empty()) return;
  SharedInvalidationMessage* messages = nullptr;
  const int count = call([&] { return messages_of_commit(&messages); });
  for (int i = 0; i < count; i++) {
    const SharedInvalidationMessage& message = messages[i];
    if (message.id == SHAREDINVALRELCACHE_ID) {
      if (message.rc.dbId == MyDatabaseId || !OidIsValid(message.rc.dbId))
        (*own_messages)[relation_subject(message.rc.relId)]++;
    } else if (message.id >= 0) {
      if (message.cc.dbId == MyDatabaseId || !OidIsValid(message.cc.dbId))
        (*own_messages)[row_subject(message.cc.id, message.cc.hashValue)]++;
    }
  }
}

void at_end(XactEvent event, void*) {
  switch (event) {
    case XACT_EVENT_PRE_COMMIT:
      enter(expect_own);
      break;
    case XACT_EVENT_ABORT:
      // What it takes back is told to this session next (AtEOXact_Inval): none of it is a commit's.
      own_messages->clear();
      break;
    case XACT_EVENT_PREPARE:
      own_messages->clear();
      forget_all();
      break;
    default:
      break;
  }
}

// All that others have committed is told now; so are the messages of our own last commit.
void listen() {
  call([] { AcceptInvalidationMessages(); });
  own_messages->clear();
}

void add_rows(std::vector<Subject>& out, int cache, const List* oids) {
  const ListCell* cell;
  foreach (cell, oids)
    out.push_back(row_subject(
        cache,
        call([&] { return GetSysCacheHashValue1(cache, ObjectIdGetDatum(lfirst_oid(cell))); })));
}

}  // namespace

const KnownShape* known_shape(Oid relation) {
  if (known->empty()) return nullptr;
  listen();
  const auto found = known->find(relation);
  if (found == known->end()) return nullptr;
  const CommentStamps stamps = comments_stamps(relation, found->second.commented);
  // To look is to listen, too.
  const auto still = known->find(relation);
  if (still == known->end()) return nullptr;
  if (still->second.stamp == stamps.all) return &still->second.shape;
  known->erase(still);
  return nullptr;
}

ShapeReading::ShapeReading(Oid relation) : relation_(relation) {
  listen();
  known->erase(relation);
  meanwhile->clear();
  all_changed = false;
  is_reading = true;
}

ShapeReading::~ShapeReading() {
  is_reading = false;
}

bool ShapeReading::is_undisturbed() const {
  return !all_changed;
}

void ShapeReading::remember(const raw::ShapeSources& sources, KnownShape shape) {
  if (!sources.lasts || shape.shape.size() > kLongest) return;
  Known entry{std::move(shape), {relation_subject(relation_)}, sources.any_type, {}, sources.stamp};
  const ListCell* cell;
  foreach (cell, sources.relations)
    entry.subjects.push_back(relation_subject(lfirst_oid(cell)));
  add_rows(entry.subjects, TYPEOID, sources.types);
  add_rows(entry.subjects, CONSTROID, sources.constraints);
  add_rows(entry.subjects, STATEXTOID, sources.statistics);
  const ListCell* catalog;
  forboth(catalog, sources.commented_catalogs, cell, sources.commented)
      entry.commented.push_back({lfirst_oid(catalog), lfirst_oid(cell), 0});
  if (all_changed) return;
  for (const Subject subject : *meanwhile)
    if (std::find(entry.subjects.begin(), entry.subjects.end(), subject) != entry.subjects.end())
      return;
  if (known->size() >= kRoom) known->clear();
  known->insert_or_assign(relation_, std::move(entry));
}

void watch_known_shapes() {
  on_relation_change(forget_relation);
  for (const int cache :
       {AUTHOID, NAMESPACEOID, PROCOID, OPEROID, CLAOID, COLLOID, AMOID, TABLESPACEOID})
    CacheRegisterSyscacheCallback(cache, forget_names, Datum{0});
  for (const int cache : {TYPEOID, ENUMOID})
    CacheRegisterSyscacheCallback(cache, forget_type, Datum{0});
  for (const int cache : {CONSTROID, STATEXTOID})
    CacheRegisterSyscacheCallback(cache, forget_row, Datum{0});
  RegisterXactCallback(at_end, nullptr);
}

}  // namespace strata::pg
