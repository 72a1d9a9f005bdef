// Owns: advice for statements (see safer_path.hpp).
#include "ddl/safer_path.hpp"

#include "ddl/options.hpp"
#include "ddl/targets.hpp"
#include "pg/names.hpp"
#include "pg/relation.hpp"
#include "pg/spi.hpp"
#include "pg/table_facts.hpp"

extern "C" {
#include "catalog/namespace.h"
}

namespace strata::ddl {
namespace {

using model::Hazard;

constexpr const char* kTimeout = "SET lock_timeout = '2s';";

std::vector<RangeVar*> relations_in(List* objects) {
  std::vector<RangeVar*> out;
  ListCell* cell;
  foreach (cell, objects)
    out.push_back(pg::call([&] {
      return makeRangeVarFromNameList(castNode(List, static_cast<Node*>(lfirst(cell))));
    }));
  return out;
}

std::string drop(const DropStmt* stmt, const StatementText& text) {
  std::string out;
  const auto line = [&](const std::string& more) { out += (out.empty() ? "" : "\n") + more; };
  switch (stmt->removeType) {
    case OBJECT_TABLE:
      line("-- first out of the way; drop it when nobody has missed it");
      line("CREATE SCHEMA IF NOT EXISTS quarantine;");
      for (const RangeVar* table : relations_in(stmt->objects))
        line(fmt::format("ALTER TABLE {} SET SCHEMA quarantine;", sql_name(table)));
      return out;
    case OBJECT_INDEX:
      if (stmt->concurrent) return {};
      for (const RangeVar* index : relations_in(stmt->objects))
        line(fmt::format("DROP INDEX CONCURRENTLY {};", sql_name(index)));
      return out;
    case OBJECT_TRIGGER: {
      auto* names = castNode(List, linitial(stmt->objects));
      if (list_length(names) < 2) return {};
      RangeVar* table = pg::call(
          [&] { return makeRangeVarFromNameList(list_copy_head(names, list_length(names) - 1)); });
      return fmt::format("ALTER TABLE {} DISABLE TRIGGER {};", sql_name(table),
                         pg::quote(strVal(llast(names))));
    }
    default:
      if (stmt->behavior != DROP_CASCADE) return {};
      // Without CASCADE the server refuses what the list of drops shows.
      return "-- drop by name what is in the list of drops and may go, then:\n" +
             text.all().substr(0, text.all().size() - strlen("cascade")) + ";";
  }
}

// Returns the columns and all that follows the name of the table in CREATE INDEX.
std::string index_rest(const IndexStmt* stmt, const StatementText& text) {
  std::string rest = text.piece(stmt->relation->location, -1);
  const size_t columns = rest.find('(');
  if (columns == std::string::npos) return {};
  const std::string method =
      strcmp(stmt->accessMethod, "btree") == 0 ? "" : fmt::format("USING {} ", stmt->accessMethod);
  return method + rest.substr(columns);
}

std::string create_index(const IndexStmt* stmt, const StatementText& text) {
  if (stmt->concurrent) return {};
  const Oid table = pg::resolve(stmt->relation);
  if (!OidIsValid(table) || pg::table_facts(table).kind != RELKIND_PARTITIONED_TABLE)
    return text.with_after({"index"}, "CONCURRENTLY") + ";";
  const std::string rest = index_rest(stmt, text);
  const std::string unique = stmt->unique ? "UNIQUE " : "";
  const std::string name =
      stmt->idxname != nullptr ? stmt->idxname : fmt::format("{}_idx", stmt->relation->relname);
  const std::string schema = pg::quote_schema_of(table);
  std::string out = fmt::format("CREATE {}INDEX {} ON ONLY {} {};", unique, pg::quote(name),
                                pg::relation_display(table), rest);
  for (const Oid partition : pg::with_inheritors(table)) {
    if (pg::table_facts(partition).kind != RELKIND_RELATION) continue;
    const std::string part = pg::quote(pg::relation_name(partition) + "_" + name);
    out += fmt::format(
        "\nCREATE {}INDEX CONCURRENTLY {} ON {} {};\nALTER INDEX {}.{} ATTACH PARTITION {}.{};",
        unique, part, pg::relation_display(partition), rest, schema, pg::quote(name),
        pg::quote_schema_of(partition), part);
  }
  return out;
}

std::string create_partition(const CreateStmt* stmt, const StatementText& text) {
  if (stmt->partbound == nullptr || stmt->inhRelations == NIL) return {};
  const std::string parent = sql_name(linitial_node(RangeVar, stmt->inhRelations));
  const std::string name = sql_name(stmt->relation);
  const std::string bound = stmt->partbound->is_default ? "DEFAULT" : text.from_words("for values");
  return fmt::format(
      "CREATE TABLE {0} (LIKE {1} INCLUDING ALL);\nALTER TABLE {1} ATTACH PARTITION {0} {2};", name,
      parent, bound);
}

std::string rename(const RenameStmt* stmt, const StatementText& text) {
  if (stmt->relation == nullptr) return {};
  const std::string schema =
      stmt->relation->schemaname != nullptr ? pg::quote(stmt->relation->schemaname) + "." : "";
  const std::string renamed = schema + pg::quote(stmt->newname);
  if (stmt->renameType == OBJECT_TABLE)
    return fmt::format(
        "-- in one transaction, and the view until nobody uses the old name\n{};\n"
        "CREATE VIEW {} WITH (security_invoker = true) AS SELECT * FROM {};",
        text.all(), sql_name(stmt->relation), renamed);
  if (stmt->renameType != OBJECT_COLUMN) return {};
  return fmt::format(
      "-- a column beside the old one, kept in step by a trigger until nobody uses the old name\n"
      "ALTER TABLE {} ADD COLUMN {} {};",
      sql_name(stmt->relation), pg::quote(stmt->newname), [&] {
        const pg::ColumnFacts column = pg::column_facts(pg::resolve(stmt->relation), stmt->subname);
        return column.exists() ? pg::type_display(column.type, column.typmod)
                               : std::string("/* its type */");
      }());
}

std::string in_batches(const RangeVar* table, const std::string& verb) {
  const std::string name = sql_name(table);
  return fmt::format(
      "-- in batches, each a transaction of its own, until no row is left:\n"
      "{} {} WHERE ctid IN (SELECT ctid FROM {} WHERE /* rows that are to go */ LIMIT 10000);",
      verb, name, name);
}

std::string rebuild(const RangeVar* table) {
  if (table == nullptr)
    return "-- table by table, with pg_repack or pg_squeeze, which do not stop writers";
  return fmt::format(
      "-- outside the server: pg_repack --table={} (or pg_squeeze); it does not stop writers",
      sql_name(table));
}

std::string own_path(Node* tree, const StatementText& text, const model::StatementFacts& facts) {
  switch (nodeTag(tree)) {
    case T_AlterTableStmt: {
      auto* stmt = castNode(AlterTableStmt, tree);
      if (list_length(stmt->cmds) == 1) return safer_alter_table(stmt, text, facts);
      if (facts.rewrites().empty() && facts.scans().empty()) return {};
      return "-- one ALTER TABLE for each part; what is quick does not wait for what is slow";
    }
    case T_DropStmt:
      return facts.drops.empty() ? std::string() : drop(castNode(DropStmt, tree), text);
    case T_IndexStmt:
      return facts.scans().empty() ? std::string() : create_index(castNode(IndexStmt, tree), text);
    case T_ReindexStmt:
      if (option_is_on(castNode(ReindexStmt, tree)->params, "concurrently")) return {};
      return text.with_after({"index", "table", "schema", "database", "system"}, "CONCURRENTLY") +
             ";";
    case T_CreateStmt:
      return create_partition(castNode(CreateStmt, tree), text);
    case T_RenameStmt:
      return facts.breaks_readers ? rename(castNode(RenameStmt, tree), text) : std::string();
    case T_TruncateStmt:
      return in_batches(linitial_node(RangeVar, castNode(TruncateStmt, tree)->relations),
                        "DELETE FROM");
    case T_DeleteStmt:
      return in_batches(castNode(DeleteStmt, tree)->relation, "DELETE FROM");
    case T_ClusterStmt:
      return rebuild(castNode(ClusterStmt, tree)->relation);
    case T_VacuumStmt: {
      auto* stmt = castNode(VacuumStmt, tree);
      if (!option_is_on(stmt->options, "full")) return {};
      return rebuild(stmt->rels == NIL ? nullptr
                                       : linitial_node(VacuumRelation, stmt->rels)->relation);
    }
    case T_RefreshMatViewStmt: {
      auto* stmt = castNode(RefreshMatViewStmt, tree);
      if (stmt->concurrent || stmt->skipData) return {};
      return fmt::format(
          "-- needs a unique index on all rows of {0}\nREFRESH MATERIALIZED VIEW CONCURRENTLY {0};",
          sql_name(stmt->relation));
    }
    case T_AlterDomainStmt: {
      auto* stmt = castNode(AlterDomainStmt, tree);
      if (stmt->subtype != 'C' || facts.scans().empty()) return {};
      auto* constraint = castNode(Constraint, stmt->def);
      const std::string domain = pg::call([&] { return NameListToQuotedString(stmt->typeName); });
      const std::string name = pg::quote(
          constraint->conname != nullptr ? std::string(constraint->conname)
                                         : std::string(strVal(llast(stmt->typeName))) + "_check");
      const std::string named = constraint->conname != nullptr
                                    ? text.all()
                                    : text.with(constraint->location, "CONSTRAINT " + name);
      return fmt::format("{} NOT VALID;\nALTER DOMAIN {} VALIDATE CONSTRAINT {};", named, domain,
                         name);
    }
    case T_AlterEnumStmt: {
      auto* stmt = castNode(AlterEnumStmt, tree);
      if (stmt->oldVal == nullptr) return {};
      return fmt::format(
          "ALTER TYPE {} ADD VALUE {};\n-- then change the rows that have the old label",
          std::string(pg::call([&] { return NameListToQuotedString(stmt->typeName); })),
          pg::quote_literal(stmt->newVal));
    }
    case T_DropOwnedStmt:
      return "-- give away what is to stay: REASSIGN OWNED BY role TO other;";
    case T_DropdbStmt:
      return fmt::format(
          "ALTER DATABASE {} ALLOW_CONNECTIONS false;\n-- drop it when nobody has missed it",
          pg::quote(castNode(DropdbStmt, tree)->dbname));
    case T_DropRoleStmt: {
      const char* role = linitial_node(RoleSpec, castNode(DropRoleStmt, tree)->roles)->rolename;
      return role == nullptr ? std::string()
                             : fmt::format("ALTER ROLE {} NOLOGIN;", pg::quote(role));
    }
    default:
      return {};
  }
}

}  // namespace

std::string sql_name(const RangeVar* name) {
  std::string out = name->schemaname != nullptr ? pg::quote(name->schemaname) + "." : "";
  return out + pg::quote(name->relname);
}

std::string safer_path(Node* tree, const StatementText& text, const model::StatementFacts& facts,
                       const model::HazardSet& hazards) {
  if (hazards.empty()) return {};
  const bool only_waits = hazards == [] {
    model::HazardSet set;
    set.add(Hazard::NoLockTimeout);
    return set;
  }();
  if (!only_waits)
    if (std::string own = own_path(tree, text, facts); !own.empty()) return own;
  // A lock that is held for an instant is waited for behind the oldest reader, and all others
  // behind it.
  if (hazards.has(Hazard::NoLockTimeout)) return fmt::format("{}\n{};", kTimeout, text.all());
  return {};
}

}  // namespace strata::ddl
