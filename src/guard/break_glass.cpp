// strata.break_glass and its review, and whether an override is in force. Owns: strata.override.
#include "guard/overrides.hpp"
#include "guard/rights.hpp"
#include "pg/function.hpp"
#include "pg/names.hpp"
#include "pg/owner_spi.hpp"
#include "provenance/call.hpp"

namespace strata::guard {
namespace {

// Said in the server's log at once: the row goes if the transaction rolls back.
void log(const std::string& text) {
  pg::call([&] { ereport(LOG, (errmsg_internal("%s", text.c_str()), errhidestmt(true))); });
}

}  // namespace

std::optional<int64_t> active_override(const std::string& base) {
  if (!session_is_member(kBreakglass)) return std::nullopt;
  const Oid role = session_role();
  pg::OwnerSpi spi;
  const auto rows = spi.query_now(
      "SELECT o.override_id FROM strata.override AS o WHERE o.role = $1 "
      "AND (o.base IS NULL OR o.base = $2) AND o.expires_at > pg_catalog.clock_timestamp() "
      "ORDER BY o.override_id DESC LIMIT 1",
      {pg::SqlArg::oid(role), pg::SqlArg::name(base)});
  if (rows.empty()) return std::nullopt;
  return std::stoll(*rows[0][0]);
}

STRATA_CHANGE(break_glass) {
  args.require(0, "reason");
  args.require(2, "duration");
  require_member(kBreakglass, "break the glass");
  const std::string reason = args.text(0);
  const auto ticket = args.optional_text(1);
  const auto base = base_or_everywhere(args.is_null(3), args.is_null(3) ? InvalidOid : args.oid(3));
  if (reason.find_first_not_of(" \t\r\n") == std::string::npos)
    throw Error(ERRCODE_INVALID_PARAMETER_VALUE, "a reason is needed to break the glass",
                "Whoever reviews it reads the reason.");
  pg::SqlArg base_name = pg::SqlArg::name(base.value_or(""));
  base_name.null = !base;
  const std::string who = session_role_name();
  const pg::SqlArg role = pg::SqlArg::oid(session_role());
  pg::OwnerSpi spi;
  // The difference of two instants, because an interval may hide a month among its days.
  const auto rows = spi.query(
      "INSERT INTO strata.override (role, role_name, base, reason, ticket, granted_at, expires_at) "
      "SELECT $1, $2, $3, $4, $5, t.now, t.now + $6 "
      "FROM (SELECT pg_catalog.clock_timestamp() AS now) AS t "
      "WHERE t.now + $6 - t.now > interval '0' AND t.now + $6 - t.now <= interval '1 hour' "
      "RETURNING override_id, (expires_at - granted_at)::text",
      {role,
       pg::SqlArg::name(who),
       base_name,
       pg::SqlArg::text(reason),
       pg::SqlArg::text_or_null(ticket),
       {INTERVALOID, args.info()->args[2].value, false}});
  if (rows.empty())
    throw Error(ERRCODE_INVALID_PARAMETER_VALUE, "duration must be positive and at most one hour",
                "An override ends by itself.",
                "Break the glass again when it is over and still needed.");
  const std::string scope = base ? fmt::format("schema \"{}\"", *base) : "all base schemas";
  log(fmt::format("pg_strata: role \"{}\" breaks the glass for {}, {}: {}", who, scope, *rows[0][1],
                  reason));
  notice(fmt::format("policies do not stop role \"{}\" in {} for {}", who, scope, *rows[0][1]),
         "It is listed in strata.overrides until somebody else "
         "reviews it.",
         fmt::format("SELECT strata.review_override({});", *rows[0][0]));
  return Int64GetDatum(std::stoll(*rows[0][0]));
}

STRATA_CHANGE(review_override) {
  args.require(0, "override");
  require_member(kApprover, "review overrides");
  const int64_t id = args.int8(0);
  const auto comment = args.optional_text(1);
  const Oid reviewer = session_role();
  const std::string reviewer_name = session_role_name();
  pg::OwnerSpi spi;
  const auto rows = spi.query(
      "SELECT o.role::oid, o.role_name, o.reviewed_by FROM strata.override AS o "
      "WHERE o.override_id = $1 FOR UPDATE",
      {pg::SqlArg::int8(id)});
  if (rows.empty())
    throw Error(ERRCODE_UNDEFINED_OBJECT, fmt::format("there is no override {}", id), "",
                "SELECT * FROM strata.overrides;");
  if (pg::to_oid(rows[0][0]) == reviewer || *rows[0][1] == reviewer_name)
    throw Error(
        ERRCODE_INSUFFICIENT_PRIVILEGE, fmt::format("cannot review your own override {}", id),
        "Who broke the glass does not review it.", "Ask another member of strata_approver.");
  if (rows[0][2])
    throw Error(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE,
                fmt::format("override {} has been reviewed already", id),
                fmt::format("By \"{}\".", *rows[0][2]));
  spi.run(
      "UPDATE strata.override SET reviewed_at = pg_catalog.clock_timestamp(), "
      "reviewed_by = session_user, review_comment = $2, "
      "expires_at = LEAST(expires_at, pg_catalog.clock_timestamp()) WHERE override_id = $1",
      {pg::SqlArg::int8(id), pg::SqlArg::text_or_null(comment)});
  return args.none();
}

}  // namespace strata::guard
