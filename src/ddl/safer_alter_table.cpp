// Owns: advice for subcommands of ALTER TABLE (see safer_path.hpp).
#include "ddl/column_definition.hpp"
#include "ddl/safer_path.hpp"
#include "pg/names.hpp"
#include "pg/spi.hpp"

extern "C" {
#include "nodes/nodeFuncs.h"
#include "parser/parse_type.h"
}

namespace strata::ddl {
namespace {

struct Target {
  std::string table;   // as SQL
  std::string column;  // as SQL
  std::string stem;    // for names that are made: table_column
};

Target target_of(const AlterTableStmt* stmt, const char* column) {
  Target out;
  out.table = sql_name(stmt->relation);
  out.column = column != nullptr ? pg::quote(column) : std::string();
  out.stem = stmt->relation->relname;
  if (column != nullptr) out.stem += fmt::format("_{}", column);
  return out;
}

std::string validated(const std::string& table, const std::string& constraint) {
  return fmt::format("ALTER TABLE {} VALIDATE CONSTRAINT {};", table, constraint);
}

std::string not_null_steps(const Target& at) {
  const std::string name = pg::quote(at.stem + "_not_null");
  return fmt::format(
      "ALTER TABLE {0} ADD CONSTRAINT {1} CHECK ({2} IS NOT NULL) NOT VALID;\n{3}\n"
      "ALTER TABLE {0} ALTER COLUMN {2} SET NOT NULL;\nALTER TABLE {0} DROP CONSTRAINT {1};",
      at.table, name, at.column, validated(at.table, name));
}

std::string fill_steps(const Target& at, const std::string& value) {
  return fmt::format(
      "-- then in batches, each a transaction of its own, until no row is left:\n"
      "UPDATE {0} SET {1} = {2} WHERE ctid IN (SELECT ctid FROM {0} WHERE {1} IS NULL LIMIT "
      "10000);",
      at.table, at.column, value);
}

std::string unique_steps(const Target& at, const std::string& columns, const std::string& name,
                         bool primary) {
  return fmt::format(
      "CREATE UNIQUE INDEX CONCURRENTLY {1} ON {0} ({2});\n"
      "ALTER TABLE {0} ADD CONSTRAINT {1} {3} USING INDEX {1};",
      at.table, name, columns, primary ? "PRIMARY KEY" : "UNIQUE");
}

std::string type_sql(TypeName* type) {
  struct Found {
    Oid type;
    int32 typmod;
  };
  const Found found = pg::call([&] {
    Found out{InvalidOid, -1};
    if (OidIsValid(LookupTypeNameOid(nullptr, type, true)))
      typenameTypeIdAndMod(nullptr, type, &out.type, &out.typmod);
    return out;
  });
  if (OidIsValid(found.type)) return pg::type_display(found.type, found.typmod);
  return pg::call([&] { return TypeNameToString(type); });
}

std::string integer_of(const TypeName* serial) {
  const std::string name = strVal(llast(serial->names));
  if (name == "bigserial" || name == "serial8") return "bigint";
  return name == "smallserial" || name == "serial2" ? "smallint" : "integer";
}

// Returns the text of each constraint in the definition, cut where the next begins.
std::map<const Constraint*, std::string> constraint_texts(const ColumnDef* definition,
                                                          const StatementText& text) {
  std::vector<const Constraint*> all;
  ListCell* cell;
  foreach (cell, definition->constraints)
    all.push_back(lfirst_node(Constraint, cell));
  std::map<const Constraint*, std::string> out;
  for (const Constraint* one : all) {
    int end = -1;
    for (const Constraint* other : all)
      if (other->location > one->location && (end < 0 || other->location < end))
        end = other->location;
    out[one] = text.piece(one->location, end);
  }
  return out;
}

std::string add_column(const AlterTableStmt* stmt, const ColumnDef* definition,
                       const StatementText& text) {
  const ColumnDefinition column = column_definition(definition);
  const Target at = target_of(stmt, definition->colname);
  const bool is_json = definition->typeName != nullptr && type_sql(definition->typeName) == "json";
  const std::string type = column.serial ? integer_of(definition->typeName)
                           : is_json     ? "jsonb"
                                         : type_sql(definition->typeName);
  std::string out = fmt::format("ALTER TABLE {} ADD COLUMN {} {};", at.table, at.column, type);
  const auto line = [&](const std::string& more) { out += "\n" + more; };
  const auto texts = constraint_texts(definition, text);
  if (column.serial || column.identity) {
    const std::string sequence = pg::quote(at.stem + "_seq");
    const std::string schema =
        stmt->relation->schemaname != nullptr ? pg::quote(stmt->relation->schemaname) + "." : "";
    const std::string next = fmt::format("nextval({})", pg::quote_literal(schema + sequence));
    line(
        fmt::format("CREATE SEQUENCE {}{} OWNED BY {}.{};", schema, sequence, at.table, at.column));
    line(fmt::format("ALTER TABLE {} ALTER COLUMN {} SET DEFAULT {};", at.table, at.column, next));
    line(fill_steps(at, next));
  } else if (column.stored) {
    line(fmt::format("-- compute {} in a BEFORE INSERT OR UPDATE trigger on {}", at.column,
                     at.table));
    line(fill_steps(at, "/* the expression */"));
  } else if (column.rewrites() && column.value != nullptr) {
    for (const auto& [constraint, cut] : texts) {
      if (constraint->contype != CONSTR_DEFAULT) continue;
      const Node* const expression = constraint->raw_expr;
      const std::string value = text.piece(pg::call([&] { return exprLocation(expression); }),
                                           constraint->location + static_cast<int>(cut.size()));
      line(fmt::format("ALTER TABLE {} ALTER COLUMN {} SET {};", at.table, at.column, cut));
      line(fill_steps(at, value));
    }
  } else if (column.not_null && !column.filled()) {
    line("-- let all that write the table give it, then");
    line(fill_steps(at, "/* a value */"));
  }
  if (column.not_null && !column.primary && (column.rewrites() || !column.filled()))
    line(not_null_steps(at));
  for (const auto& [constraint, cut] : texts) {
    const std::string name =
        pg::quote(constraint->conname != nullptr
                      ? std::string(constraint->conname)
                      : at.stem + (constraint->contype == CONSTR_CHECK     ? "_check"
                                   : constraint->contype == CONSTR_FOREIGN ? "_fkey"
                                                                           : "_key"));
    std::string body = cut;
    if (constraint->conname != nullptr)  // CONSTRAINT name ...
      body = cut.substr(std::min(cut.size(), cut.find_first_of(" \t\n", 11) + 1));
    if (constraint->contype == CONSTR_CHECK || constraint->contype == CONSTR_FOREIGN) {
      const std::string key =
          constraint->contype == CONSTR_FOREIGN ? fmt::format("FOREIGN KEY ({}) ", at.column) : "";
      line(fmt::format("ALTER TABLE {} ADD CONSTRAINT {} {}{} NOT VALID;", at.table, name, key,
                       body));
      line(validated(at.table, name));
    } else if (constraint->contype == CONSTR_UNIQUE || constraint->contype == CONSTR_PRIMARY) {
      line(unique_steps(at, at.column, name, constraint->contype == CONSTR_PRIMARY));
    }
  }
  return out;
}

std::string column_list(List* keys) {
  std::string out;
  ListCell* cell;
  foreach (cell, keys)
    out += (out.empty() ? "" : ", ") + pg::quote(strVal(lfirst(cell)));
  return out;
}

std::string add_constraint(const AlterTableStmt* stmt, const Constraint* constraint,
                           const StatementText& text) {
  const Target at = target_of(stmt, nullptr);
  const bool is_key = constraint->contype == CONSTR_FOREIGN;
  if (constraint->contype == CONSTR_CHECK || is_key) {
    const std::string name = constraint->conname != nullptr
                                 ? std::string(constraint->conname)
                                 : at.stem + (is_key ? "_fkey" : "_check");
    const std::string named =
        constraint->conname != nullptr
            ? text.all()
            : text.with(constraint->location, "CONSTRAINT " + pg::quote(name));
    if (named.empty()) return {};
    return fmt::format("{} NOT VALID;\n{}", named, validated(at.table, pg::quote(name)));
  }
  const bool primary = constraint->contype == CONSTR_PRIMARY;
  if (!primary && constraint->contype != CONSTR_UNIQUE) return {};
  const std::string suffix = primary ? "_pkey" : "_key";
  std::string steps;
  if (constraint->indexname == nullptr) {
    const std::string name = pg::quote(
        constraint->conname != nullptr ? std::string(constraint->conname) : at.stem + suffix);
    steps = unique_steps(at, column_list(constraint->keys), name, primary);
    if (!primary) return steps;
  } else {
    steps = text.all() + ";";
  }
  ListCell* cell;
  std::string proofs;
  foreach (cell, constraint->keys)
    proofs += not_null_steps(target_of(stmt, strVal(lfirst(cell)))) + "\n";
  return proofs + steps;
}

std::string retype(const AlterTableStmt* stmt, const AlterTableCmd* command) {
  const Target at = target_of(stmt, command->name);
  auto* definition = castNode(ColumnDef, command->def);
  const std::string type = type_sql(definition->typeName);
  const std::string next = pg::quote(std::string(command->name) + "_new");
  const std::string old = pg::quote(std::string(command->name) + "_old");
  const Target added{at.table, next, at.stem};
  return fmt::format(
      "ALTER TABLE {0} ADD COLUMN {1} {2};\n"
      "-- keep {1} in step with {3} by a BEFORE INSERT OR UPDATE trigger on {0}\n{4}\n"
      "-- when both are equal everywhere, in one transaction:\n"
      "ALTER TABLE {0} RENAME COLUMN {3} TO {5};\nALTER TABLE {0} RENAME COLUMN {1} TO {3};",
      at.table, next, type, at.column, fill_steps(added, fmt::format("{}::{}", at.column, type)),
      old);
}

std::string drop_column(const AlterTableStmt* stmt, const AlterTableCmd* command) {
  const Target at = target_of(stmt, command->name);
  return fmt::format(
      "-- first under a name that nobody uses; drop it when nobody has missed it\n"
      "ALTER TABLE {} RENAME COLUMN {} TO {};",
      at.table, at.column, pg::quote(std::string(command->name) + "_unused"));
}

std::string attach(const AlterTableStmt* stmt, const AlterTableCmd* command,
                   const StatementText& text) {
  const auto* attached = castNode(PartitionCmd, command->def);
  const std::string table = sql_name(attached->name);
  const std::string name = pg::quote(std::string(attached->name->relname) + "_bounds");
  return fmt::format(
      "-- the CHECK says what the bounds say: NOT NULL, and their values\n"
      "ALTER TABLE {0} ADD CONSTRAINT {1} CHECK (/* bounds of {2} */) NOT VALID;\n{3}\n{4};",
      table, name, sql_name(stmt->relation), validated(table, name), text.all());
}

}  // namespace

std::string safer_alter_table(const AlterTableStmt* stmt, const StatementText& text,
                              const model::StatementFacts& facts) {
  const auto* command = linitial_node(AlterTableCmd, stmt->cmds);
  const bool works = !facts.rewrites().empty() || !facts.scans().empty();
  switch (command->subtype) {
    case AT_AddColumn:
      if (!works && !facts.breaks_readers && !facts.breaks_writers) return {};
      return add_column(stmt, castNode(ColumnDef, command->def), text);
    case AT_DropColumn:
      return facts.drops.empty() ? std::string() : drop_column(stmt, command);
    case AT_AlterColumnType:
      return works ? retype(stmt, command) : std::string();
    case AT_SetNotNull:
      return works ? not_null_steps(target_of(stmt, command->name)) : std::string();
    case AT_AddConstraint:
      return works ? add_constraint(stmt, castNode(Constraint, command->def), text) : std::string();
    case AT_AttachPartition:
      return works ? attach(stmt, command, text) : std::string();
    case AT_DetachPartition:
      return castNode(PartitionCmd, command->def)->concurrent ? std::string()
                                                              : text.all() + " CONCURRENTLY;";
    case AT_SetTableSpace:
      if (stmt->objtype == OBJECT_INDEX && works)
        return fmt::format("REINDEX (TABLESPACE {}) INDEX CONCURRENTLY {};",
                           pg::quote(command->name), sql_name(stmt->relation));
      return {};
    default:
      return {};
  }
}

}  // namespace strata::ddl
