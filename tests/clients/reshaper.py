"""pgbench's built-in TPC-B script writes through a version while another session reshapes the tables.

The script moves money: what it adds to an account it adds to a teller and a branch and notes in the history. At
the end every account, teller and branch must hold exactly what the history says, in the version and in the base.
pgbench retries nothing, so one refused or lost statement shows.
"""
import os
import time

import psycopg2
from bank import check_result, deadlocks, initialize, wait_for_clients
from recorder import connect, create_database, error_text, query

ROLE, CLIENTS, SCALE = "bank_app", 8, 2
SECONDS = int(os.environ.get("PGBENCH_SECONDS", "16"))
SETTLE = 2.0  # the end of a run: no DDL any more, clients still writing
STATEMENTS = 60  # fewer would mean that the clients kept the DDL from running

# Key, balance and the parts it is split into. Clients take the tables in this order, and so does the DDL that
# needs several of them.
TABLES = {"accounts": ("aid", "abalance"), "tellers": ("tid", "tbalance"), "branches": ("bid", "bbalance"),
          "history": (None, "delta")}
CYCLE = {"int": "bigint", "bigint": "numeric", "numeric": "int"}


class Reshaper:
    """The second session: knows how the base is called at the moment, counts what it executed, keeps every error."""

    def __init__(self, database):
        self.connection = connect(database, name="ddl")
        self.executed, self.errors, self.kinds = 0, [], {}
        self.tables = {table: f"pgbench_{table}" for table in TABLES}
        self.columns = {(table, column): column for table, pair in TABLES.items() for column in pair if column}
        self.columns |= {("history", "aid"): "aid", ("history", "mtime"): "mtime", ("accounts", "bid"): "bid"}
        self.types = {(table, column): "int" for table, column in self.columns if column != "mtime"}
        self.split = []
        self.primary_key, self.indexes = "pgbench_accounts_pkey", 0

    def execute(self, kind, *statements):
        """Runs the statements in one transaction if there are several."""
        try:
            if len(statements) > 1:
                query(self.connection, "BEGIN")
            for statement in statements:
                query(self.connection, statement)
                self.executed += 1
            if len(statements) > 1:
                query(self.connection, "COMMIT")
        except psycopg2.Error as error:
            self.errors.append(f"{statement}: {error_text(error)}")
            query(self.connection, "ROLLBACK")
            return False
        self.kinds[kind] = self.kinds.get(kind, 0) + 1
        return True

    def name(self, table):
        return f"bank.{self.tables[table]}"

    def rename_tables(self):
        """Each other time back."""
        for table, name in self.tables.items():
            other = table if name == f"pgbench_{table}" else f"pgbench_{table}"
            if self.execute("rename table", f"ALTER TABLE {self.name(table)} RENAME TO {other}"):
                self.tables[table] = other

    def rename_columns(self):
        for (table, column), name in self.columns.items():
            other = f"{column}_renamed" if name == column else column
            if self.execute("rename column", f"ALTER TABLE {self.name(table)} RENAME COLUMN {name} TO {other}"):
                self.columns[table, column] = other

    def retype(self, table, columns):
        """Keys go to bigint and back, balances on to numeric."""
        changes, reached = [], {}
        for column in columns:
            kind = self.types[table, column]
            reached[table, column] = CYCLE[kind] if "id" not in column else "int" if kind == "bigint" else "bigint"
            changes.append(f"ALTER COLUMN {self.columns[table, column]} TYPE {reached[table, column]}")
        if self.execute("retype", f"ALTER TABLE {self.name(table)} {', '.join(changes)}"):
            self.types |= reached

    def retype_all(self):
        for table in TABLES:
            self.retype(table, [column for other, column in self.types if other == table])

    def add_and_drop(self):
        for table in TABLES:
            self.execute("add column", f"ALTER TABLE {self.name(table)} ADD COLUMN note text, "
                         "ADD COLUMN flags integer NOT NULL DEFAULT 7")
            self.execute("drop column", f"ALTER TABLE {self.name(table)} DROP COLUMN note, DROP COLUMN flags")

    def change_indexes(self):
        """An index comes and goes, the primary key moves to an index built beside it."""
        accounts, self.indexes = self.name("accounts"), self.indexes + 1
        key, fresh = self.columns["accounts", "aid"], f"accounts_key_{self.indexes}"
        branch = self.columns["accounts", "bid"]
        self.execute("index", f"CREATE INDEX accounts_branch ON {accounts} ({branch})")
        self.execute("index", f"CREATE UNIQUE INDEX CONCURRENTLY {fresh} ON {accounts} ({key})")
        if self.execute("primary key", f"ALTER TABLE {accounts} DROP CONSTRAINT {self.primary_key}, "
                        f"ADD CONSTRAINT {fresh} PRIMARY KEY USING INDEX {fresh}"):
            self.primary_key = fresh
        self.execute("index", "DROP INDEX CONCURRENTLY bank.accounts_branch")

    def split_balance(self):
        """One more balance becomes two columns; the version computes it and writes both."""
        left = [table for table in TABLES if table not in self.split]
        if not left:
            return
        table = left[0]
        balance, whole, rest = TABLES[table][1], f"{table}_whole", f"{table}_rest"
        column, kind = self.columns[table, balance], self.types[table, balance]
        parts = {whole: f"div({column}, 100)::int", rest: f"mod({column}, 100)::int"}
        mapping = ", ".join(f'"{name}": "{expression}"' for name, expression in parts.items())
        done = self.execute(
            "split",
            f"ALTER TABLE {self.name(table)} ADD COLUMN {whole} int, ADD COLUMN {rest} int",
            f"UPDATE {self.name(table)} SET " + ", ".join(f"{name} = {text}" for name, text in parts.items()),
            f"SELECT strata.replace_column('{self.name(table)}', '{column}', "
            f"$$({whole} * 100 + {rest})::{kind}$$, '{{{mapping}}}')",
            f"ALTER TABLE {self.name(table)} DROP COLUMN {column}")
        if done:
            self.split.append(table)
            del self.columns[table, balance], self.types[table, balance]
            for part in (whole, rest):
                self.columns[table, part], self.types[table, part] = part, "int"

    def fill(self):
        """A column that must have a value and that the clients of the version do not know; goes later."""
        history = self.name("history")
        if not self.kinds.get("fill"):
            self.execute("fill", f"ALTER TABLE {history} ADD COLUMN origin text",
                         f"UPDATE {history} SET origin = 'before'",
                         f"SELECT strata.fill_column('{history}', 'origin', $$'version'$$)",
                         f"ALTER TABLE {history} ALTER COLUMN origin SET NOT NULL")

    def loop(self, until):
        """One round after the other."""
        rounds = 0
        groups = [self.rename_tables, self.rename_columns, self.retype_all, self.add_and_drop, self.change_indexes,
                  self.fill, self.split_balance]
        while True:
            for group in groups:
                if time.monotonic() >= until:
                    return rounds
                group()
                time.sleep(0.02)
            rounds += 1

    def finish(self):
        """What the time did not suffice for; the clients are still writing."""
        while len(self.split) < len(TABLES) and not self.errors:
            self.split_balance()
        for table in TABLES:
            if self.tables[table] == f"pgbench_{table}":
                self.rename_tables()


def conserved(connection, schema, names):
    """Accounts, tellers and branches whose balance is not what the history says."""
    wrong = []
    for table, key, balance in (("accounts", "aid", names["abalance"]), ("tellers", "tid", names["tbalance"]),
                                ("branches", "bid", names["bbalance"])):
        wrong += query(connection, f"""
            SELECT '{table}', key, balance, noted
            FROM (SELECT {names[table, key]}, {balance} FROM {schema}.{names[table]}) AS a (key, balance)
            FULL JOIN (SELECT {names["history", key]}, sum({names["delta"]}) FROM {schema}.{names["history"]} GROUP BY 1)
                AS h (key, noted) USING (key)
            WHERE coalesce(balance, 0) <> coalesce(noted, 0) LIMIT 5""")
    return wrong


def names_of_version():
    return {key: column for table, pair in TABLES.items() for key, column in
            (((table, pair[0]), pair[0]), (pair[1], pair[1]), (table, f"pgbench_{table}"),
             (("history", pair[0]), pair[0]))}


def names_of_base(ddl):
    names = names_of_version() | ddl.tables | {key: name for key, name in ddl.columns.items()}
    for table in ddl.split:
        whole, rest = (ddl.columns[table, f"{table}_{part}"] for part in ("whole", "rest"))
        names[TABLES[table][1]] = f"{whole} * 100 + {rest}"
    for table, (_, balance) in TABLES.items():
        if table not in ddl.split:
            names[balance] = ddl.columns[table, balance]
    return names


def run(report, title, database, protocol, start):
    """One run under DDL, on a fresh database; start(arguments) starts pgbench on the version."""
    connection = create_database(database, [ROLE])
    initialize(report, connection, database, SCALE)
    for statement in (f"GRANT USAGE ON SCHEMA bank TO {ROLE}",
                      f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA bank TO {ROLE}",
                      "SELECT strata.track('bank')", "SELECT strata.publish('bank', 'v1')"):
        query(connection, statement)
    ddl = Reshaper(database)
    started = time.monotonic()
    bench = start("-b", "tpcb-like", "-n", "-c", str(CLIENTS), "-j", str(CLIENTS), "-M", protocol, "-T", str(SECONDS))
    try:
        wait_for_clients(connection, bench, 2)
        rounds = ddl.loop(started + SECONDS - SETTLE - 3)
        ddl.finish()
        still_running = bench.poll() is None
        output, errors = bench.communicate(timeout=SECONDS + 60)
    finally:
        if bench.poll() is None:
            bench.kill()
            bench.communicate()
        ddl.connection.close()

    done = check_result(report, title, bench, output, errors)
    report.check(not ddl.errors, f"{title}: {ddl.executed} DDL statements in {rounds} rounds, none failed: " +
                 ", ".join(f"{count} {kind}" for kind, count in ddl.kinds.items()), ddl.errors)
    report.check(still_running and ddl.executed >= STATEMENTS,
                 f"{title}: at least {STATEMENTS} DDL statements while the clients wrote",
                 f"{ddl.executed}, clients still running: {still_running}")
    report.check(len(ddl.split) == len(TABLES), f"{title}: all balances split into two columns under load")
    report.check(deadlocks(connection) == 0, f"{title}: 0 deadlocks", str(deadlocks(connection)))
    balances = query(connection, """
        SELECT (SELECT sum(abalance) FROM bank_v1.pgbench_accounts), (SELECT sum(tbalance) FROM bank_v1.pgbench_tellers),
               (SELECT sum(bbalance) FROM bank_v1.pgbench_branches), (SELECT sum(delta) FROM bank_v1.pgbench_history)""")
    report.check(len(set(balances[0])) == 1, f"{title}: accounts, tellers, branches and history all sum up to "
                 f"{balances[0][3]}", str(balances[0]))
    for schema, names in (("bank_v1", names_of_version()), ("bank", names_of_base(ddl))):
        wrong = conserved(connection, schema, names)
        report.check(not wrong, f"{title}: every balance in {schema} is what the history says", wrong)
    noted, = query(connection, "SELECT count(*) FROM bank_v1.pgbench_history WHERE mtime IS NOT NULL AND delta IS NOT NULL")[0]
    report.check(int(noted) == done, f"{title}: {noted} lines of history for {done} transactions")
    filled = query(connection, f"SELECT to_jsonb(h) ->> 'origin', count(*) FROM bank.{ddl.tables['history']} h "
                   "GROUP BY 1 ORDER BY 1")
    report.check([origin for origin, _ in filled] == ["before", "version"],
                 f"{title}: the column that no client knows is filled: "
                 + ", ".join(f"{count} {origin}" for origin, count in filled), str(filled))
    problems = query(connection, "SELECT * FROM strata.verify('bank')")
    report.check(not problems, f"{title}: strata.verify() finds nothing", problems)
    connection.close()
