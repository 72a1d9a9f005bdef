// Owns: what a call of ours is about, and what it did (see call.hpp). Scope: one call.
#include "provenance/call.hpp"

#include "catalog/registry.hpp"
#include "model/json.hpp"
#include "model/mask.hpp"
#include "pg/clock.hpp"
#include "pg/names.hpp"
#include "pg/row_writer.hpp"
#include "pg/session.hpp"
#include "pg/shape.hpp"
#include "pg/spi.hpp"
#include "provenance/capture.hpp"
#include "provenance/decision.hpp"
#include "provenance/migration.hpp"
#include "provenance/named.hpp"
#include "provenance/restore.hpp"
#include "settings.hpp"

extern "C" {
#include "catalog/pg_namespace.h"
#include "catalog/pg_proc.h"
#include "catalog/pg_type.h"
#include "utils/lsyscache.h"
#include "utils/syscache.h"
}

namespace strata::provenance {
namespace {

struct Signature {
  char* name;
  char** names;
  Oid* types;
  int count;
};

Signature signature_of(Oid function) {
  const Signature found = pg::call([&] {
    Signature out{};
    HeapTuple tuple = SearchSysCache1(PROCOID, ObjectIdGetDatum(function));
    if (!HeapTupleIsValid(tuple)) return out;
    char* modes;
    auto* row = reinterpret_cast<Form_pg_proc>(GETSTRUCT(tuple));
    out.name = pstrdup(NameStr(row->proname));
    get_func_arg_info(tuple, &out.types, &out.names, &modes);
    out.count = row->pronargs;
    ReleaseSysCache(tuple);
    return out;
  });
  if (found.name == nullptr)
    throw Error(ERRCODE_UNDEFINED_FUNCTION,
                fmt::format("function {} was dropped while it ran", function));
  return found;
}

// Arguments that are the key of a row of ours which says what base it is about.
struct Key {
  const char* function;  // null: any
  const char* argument;
  const char* table;
  const char* column;
};

constexpr Key kKeys[] = {
    {nullptr, "proposal", "proposal", "proposal_id"},
    {"review_override", "override", "override", "override_id"},
    {"drop_window", "name", "change_window", "name"},
    {"drop_freeze", "name", "change_freeze", "name"},
    {"drop_brownout", "brownout_id", "brownout JOIN strata.published_version USING (version_id)",
     "brownout_id"}};

// Returns the base that the row is about; empty when there is no row, or none.
std::string base_in_row(const Key& key, const std::string& value) {
  const pg::ActAs owner(pg::extension_owner());
  pg::Spi spi;
  const auto rows = spi.query(fmt::format("SELECT base FROM strata.{} WHERE {}::pg_catalog.text "
                                          "OPERATOR(pg_catalog.=) $1",
                                          key.table, key.column),
                              {pg::SqlArg::text(value)});
  return rows.empty() ? std::string() : rows[0][0].value_or("");
}

std::string text_of(Oid type, Datum value) {
  return pg::call([&] {
    Oid output;
    bool is_varlena;
    getTypeOutputInfo(type, &output, &is_varlena);
    return OidOutputFunctionCall(output, value);
  });
}

}  // namespace

void add_shapes(std::string& out, Oid schema, Change* change) {
  const pg::PinnedForDefinitions pinned;
  std::set<pg::Object> objects{{NamespaceRelationId, schema, 0}};
  for (const pg::Dependency& dependent : pg::dependents_of({NamespaceRelationId, schema, 0}))
    objects.insert(defined_in(dependent.object));
  for (const pg::Object& object : objects) {
    if (object == pg::Object{} || pg::shape_schema(object) != schema) continue;
    const auto shape = pg::shape_of(object);
    if (!shape) continue;
    const std::string name = pg::shape_name(object);
    out += (out.empty() ? "{" : ", ") + model::json_string(name) + ": " + *shape;
    change->objects.insert(name);
    change->oids.insert(object.objid);
  }
}

Call::Call(const pg::Arguments& args) : args_(args) {
  if (mode() == Mode::kOff) return;
  const pg::PinnedFormats formats;
  const Signature signature = signature_of(args.info()->flinfo->fn_oid);
  function_ = signature.name;
  for (int i = 0; i < signature.count; i++)
    if (!args.is_null(i)) read_argument(i, signature.names[i], signature.types[i]);
  call_ = fmt::format("strata.{}({})", function_, call_);
  json_ = json_.empty() ? "{}" : json_ + "}";
  was_tracked_ = base_.empty() || catalog::registry().base_schema(pg::schema_oid(base_)) != nullptr;
  capture_ = begin_capture();
  if (OidIsValid(relation_)) capture_->watch_mappings(relation_);
}

Call::~Call() {
  innermost_ = outer_;
  if (std::uncaught_exceptions() == exceptions_) discard(capture_);
}

void Call::decided(const guard::Admission& admission) {
  if (innermost_ == nullptr || innermost_->capture_ == nullptr) return;
  auto decision = std::make_unique<Change>();
  decision->base = innermost_->base_;
  add_decision(admission, decision.get());
  innermost_->decision_ = std::move(decision);
}

void Call::read_argument(int i, const std::string& name, Oid type) {
  const std::string text = text_of(type, args_.datum(i));
  const std::string masked = model::mask_secrets(text);
  call_ += (call_.empty() ? "" : ", ") + name + " => " + pg::quote_literal(masked);
  json_ += (json_.empty() ? "{" : ", ") + model::json_string(name) + ": ";
  json_ += type == JSONBOID ? model::mask_in_definition(text) : model::json_string(masked);
  if (type == REGNAMESPACEOID && base_.empty()) {
    base_ = pg::schema_name(args_.oid(i));
    if (object_.empty()) object_ = pg::quote(base_);
    objects_.insert("schema " + pg::quote(base_));
  }
  if (type == REGCLASSOID && base_.empty()) {
    base_ = pg::schema_name(pg::relation_schema(args_.oid(i)));
    object_ = pg::relation_display(args_.oid(i));
    relation_ = args_.oid(i);
    objects_.insert(pg::shape_name({RelationRelationId, relation_, 0}));
    std::set<std::string> shown;
    for (const catalog::VersionView* view : catalog::registry().views_of(args_.oid(i)))
      shown.insert(catalog::registry().version(view->version_id)->version);
    versions_.assign(shown.begin(), shown.end());
  }
  if (name == "version") versions_ = {text};
  for (const Key& key : kKeys)
    if (name == key.argument && (key.function == nullptr || function_ == key.function))
      base_ = base_in_row(key, text);
  if (name == "proposal" && type == INT8OID) proposal_ = args_.int8(i);
  if (function_ == "review_override" && name == "override") override_ = args_.int8(i);
}

void Call::record(Datum result) {
  if (capture_ == nullptr) return;
  Change change = decision_ ? std::move(*decision_) : Change();
  const pg::EnsuredSnapshot snapshot;
  capture_->after({}, &change);
  change.duration = pg::now() - capture_->began;
  if (const pg::LockTally locks = pg::lock_tally(); locks.taken > capture_->locks.taken)
    change.lock_wait = locks.waited - capture_->locks.waited;
  discard(std::exchange(capture_, nullptr));
  if (being_restored()) return;
  change.migration_id = join_migration(base_);
  change.base = base_;
  change.command = "strata." + function_;
  if (!object_.empty()) change.object = object_;
  change.statement = call_;
  change.statement_length = static_cast<int64_t>(call_.size());
  change.statement_digest = digest_of(call_);
  change.effective_role = pg::role_name(pg::call([] { return GetOuterUserId(); }));
  change.at = pg::now();
  change.arguments = json_;
  change.objects.insert(objects_.begin(), objects_.end());
  if (OidIsValid(relation_)) change.oids.insert(relation_);
  for (const std::string& version : versions_)
    if (std::find(change.versions_affected.begin(), change.versions_affected.end(), version) ==
        change.versions_affected.end())
      change.versions_affected.push_back(version);
  if (function_ == "propose") proposal_ = DatumGetInt64(result);
  if (proposal_) change.proposal_id = proposal_;
  if (override_) change.override_id = override_;
  if (function_ == "break_glass") change.override_id = DatumGetInt64(result);
  if (!was_tracked_ && catalog::registry().base_schema(pg::schema_oid(base_)) != nullptr) {
    // What is recorded later is told by what it was before.
    std::string shapes;
    add_shapes(shapes, pg::schema_oid(base_), &change);
    change.before = std::nullopt;
    change.after = shapes + "}";
  }
  if (decision_)
    note_in_migration(model::risk_named(change.risk.value_or("")).value_or(model::Risk::Low),
                      change.proposal_id, change.override_id);
  append(change);
}

}  // namespace strata::provenance
