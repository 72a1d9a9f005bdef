// Owns: the tables of the tools that are known (see tool.hpp). Scope: backend.
#include "provenance/tool.hpp"

#include "pg/lock.hpp"
#include "pg/named_tables.hpp"
#include "pg/names.hpp"
#include "pg/written_row.hpp"

namespace strata::provenance {
namespace {

using Row = std::vector<std::optional<std::string>>;

// Some tools have a table of the same name, told apart by other columns.
struct History {
  const char* tool;
  const char* table;
  const char* schema;  // null: any
  const char* needs;   // a column; null: none
  const char* lacks;
  const char* label;
  const char* name;   // null: the label is all
  const char* group;  // comes before the label, with a dot
  const char* mark;   // true while the step is being made; its row is written before it
};

constexpr History kHistories[] = {
    {"Flyway", "flyway_schema_history", nullptr, "installed_rank", nullptr, "version",
     "description", nullptr, nullptr},
    {"Liquibase", "databasechangelog", nullptr, "orderexecuted", nullptr, "id", "filename", nullptr,
     nullptr},
    {"Alembic", "alembic_version", nullptr, nullptr, nullptr, "version_num", nullptr, nullptr,
     nullptr},
    {"Django", "django_migrations", nullptr, "app", nullptr, "name", nullptr, "app", nullptr},
    {"golang-migrate", "schema_migrations", nullptr, "dirty", nullptr, "version", nullptr, nullptr,
     "dirty"},
    {"Ecto", "schema_migrations", nullptr, "inserted_at", "dirty", "version", nullptr, nullptr,
     nullptr},
    {"Rails", "schema_migrations", nullptr, nullptr, "dirty", "version", nullptr, nullptr, nullptr},
    {"Prisma", "_prisma_migrations", nullptr, "migration_name", nullptr, "migration_name", nullptr,
     nullptr, nullptr},
    {"sqitch", "changes", "sqitch", "change_id", nullptr, "change", nullptr, "project", nullptr},
    {"Knex", "knex_migrations", nullptr, "batch", nullptr, "name", nullptr, nullptr, nullptr},
    {"TypeORM", "migrations", nullptr, "timestamp", nullptr, "name", nullptr, nullptr, nullptr},
    {"node-pg-migrate", "pgmigrations", nullptr, "run_on", nullptr, "name", nullptr, nullptr,
     nullptr},
    {"graphile-migrate", "migrations", "graphile_migrate", "previous_hash", nullptr, "filename",
     nullptr, nullptr, nullptr}};

struct Application {
  const char* part;  // of application_name, in lower case
  const char* tool;
};

constexpr Application kApplications[] = {{"flyway", "Flyway"},
                                         {"liquibase", "Liquibase"},
                                         {"alembic", "Alembic"},
                                         {"django", "Django"},
                                         {"rails", "Rails"},
                                         {"prisma", "Prisma"},
                                         {"sqitch", "sqitch"},
                                         {"knex", "Knex"},
                                         {"typeorm", "TypeORM"},
                                         {"node-pg-migrate", "node-pg-migrate"},
                                         {"graphile", "graphile-migrate"},
                                         {"golang-migrate", "golang-migrate"},
                                         {"dbmate", "dbmate"},
                                         {"ecto", "Ecto"}};

bool is_of(const History& history, Oid table) {
  if (history.schema != nullptr && pg::schema_name(pg::relation_schema(table)) != history.schema)
    return false;
  return (history.needs == nullptr || pg::has_column(table, history.needs)) &&
         (history.lacks == nullptr || !pg::has_column(table, history.lacks));
}

// Both have nothing but versions. Rails has another table beside it.
const char* versions_only(const char* tool, Oid table) {
  if (std::string_view(tool) != "Rails") return tool;
  const Oid schema = pg::relation_schema(table);
  return OidIsValid(pg::relation_oid(schema, "ar_internal_metadata")) ? "Rails" : "dbmate";
}

// The row that this transaction wrote; where the tool marks its steps, also that of a step that
// this session is making.
std::optional<Row> row_in(const History& history, Oid table,
                          const std::vector<std::string>& columns) {
  if (pg::may_have_written(table))
    if (auto row = pg::written_row(table, columns)) return row;
  // Nobody's commit is to wait for the tool's table.
  if (history.mark == nullptr || !pg::try_lock_relation(table, AccessShareLock))
    return std::nullopt;
  return pg::own_marked_row(table, columns, history.mark);
}

// Labels are in an index.
constexpr size_t kLabelRoom = 1000;

std::optional<ToolStep> step_in(const History& history, Oid table) {
  std::vector<std::string> columns{history.label};
  for (const char* column : {history.name, history.group})
    columns.push_back(column != nullptr ? column : history.label);
  const std::optional<Row> row = row_in(history, table, columns);
  if (!row) return std::nullopt;
  ToolStep step;
  step.tool = versions_only(history.tool, table);
  step.label = (*row)[0];
  if (history.group != nullptr && step.label)
    step.label = (*row)[2].value_or("") + "." + *step.label;
  if (step.label) step.label = pg::clipped(*step.label, kLabelRoom);
  step.name = history.name != nullptr ? (*row)[1] : step.label;
  return step;
}

// Prisma notes a step in a transaction of its own before it, and holds this lock meanwhile.
constexpr int64_t kPrismaLock = 72707369;

ToolStep prisma_step() {
  for (const Oid table : pg::tables_named("_prisma_migrations"))
    if (!pg::try_lock_relation(table, AccessShareLock))
      continue;
    else if (const auto row =
                 pg::unfinished_row(table, {"migration_name"}, "finished_at", "rolled_back_at"))
      return {"Prisma", (*row)[0], (*row)[0]};
  return {"Prisma", std::nullopt, std::nullopt};
}

std::optional<ToolStep> tool_named(const char* application_name) {
  std::string name = application_name;
  for (char& letter : name)
    letter = static_cast<char>(std::tolower(static_cast<unsigned char>(letter)));
  for (const Application& application : kApplications)
    if (name.find(application.part) != std::string::npos)
      return ToolStep{application.tool, std::nullopt, std::nullopt};
  return std::nullopt;
}

}  // namespace

std::optional<ToolStep> tool_step(const char* application_name) {
  const char* looked_for = "";
  std::vector<Oid> tables;
  for (const History& history : kHistories) {
    if (std::string_view(looked_for) != history.table) tables = pg::tables_named(history.table);
    looked_for = history.table;
    for (const Oid table : tables)
      if ((history.mark != nullptr || pg::may_have_written(table)) && is_of(history, table))
        if (auto step = step_in(history, table)) return step;
  }
  if (pg::holds_advisory_lock(kPrismaLock)) return prisma_step();
  return tool_named(application_name);
}

}  // namespace strata::provenance
