"""Records what the clients of a version see when it is published, and says later what changed.

Shared by the clients under tests/clients. A version is judged from outside only, the way its clients see it:

* shape:        relations, their OID, grants and comment; columns, their order, type, modifier, enum labels
* queries:      run in a session of the current moment, and by a prepared statement of a session that was
                opened when the version was published and has stayed open since
* dialogues:    typical writes followed by reads, rolled back; statement results and row counts

Values are compared as the text the server sends: 1.50 and 1.5 are different answers.
"""
import os
import shutil
import sys

try:
    import psycopg2
    import psycopg2.extensions as pq
except ImportError:
    print("not ok - Python module psycopg2 is installed (Debian: python3-psycopg2)\n0 passed, 1 failed")
    sys.exit(1)

RAW = pq.new_type(tuple(pq.string_types), "RAW", lambda value, cursor: value)

RELATIONS = """
    SELECT c.relname, c.oid, c.relacl::text, obj_description(c.oid, 'pg_class')
    FROM pg_class c
    WHERE c.relnamespace = %s::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
    ORDER BY 1"""
COLUMNS = """
    SELECT a.attname, a.attnum, t.oid, a.atttypmod,
           CASE t.typtype
             WHEN 'e' THEN 'enum' || (SELECT array_agg(e.enumlabel ORDER BY e.enumsortorder)::text
                                      FROM pg_enum e WHERE e.enumtypid = t.oid)
             ELSE format_type(t.oid, a.atttypmod) END,
           col_description(a.attrelid, a.attnum)
    FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid
    WHERE a.attrelid = %s AND a.attnum > 0 AND NOT a.attisdropped
    ORDER BY a.attnum"""


class Report:
    """Prints one line per check and counts them."""

    def __init__(self):
        self.passed = self.failed = 0

    def check(self, passed, text, detail=()):
        self.passed += bool(passed)
        self.failed += not passed
        print(f"{'ok' if passed else 'not ok'} - {text}", flush=True)
        if not passed:
            lines = [detail] if isinstance(detail, str) else list(detail)
            for line in "\n".join(str(item) for item in lines).splitlines()[:40]:
                print(f"#   {line}", flush=True)
        return bool(passed)

    def run(self, main):
        """Runs the client; whatever it raises is a failed check, never a silent end."""
        try:
            main(self)
        except Stop:
            pass
        except Exception as error:  # the last line has to be printed in any case
            self.check(False, f"runs to its end ({type(error).__name__})", error_text(error))
        print(f"{self.passed} passed, {self.failed} failed", flush=True)
        return 1 if self.failed or not self.passed else 0


class Stop(Exception):
    """Ends a client after a failed check without which the rest says nothing."""


def error_text(error):
    if isinstance(error, psycopg2.Error):
        detail = getattr(error.diag, "message_detail", None)
        message = error.diag.message_primary or str(error).strip()
        return f"{error.pgcode} {message}" + (f" ({detail})" if detail else "")
    return f"{type(error).__name__}: {str(error).strip()}"


def require(report, tools=(), modules=()):
    """Fails loudly if a program (name -> Debian package) or a Python module is not there."""
    for tool, package in dict(tools).items():
        if not (shutil.which(tool) or os.access(tool, os.X_OK)):
            report.check(False, f"{tool} is installed (Debian: {package})")
    for module, package in dict(modules).items():
        try:
            __import__(module)
        except ImportError as error:
            report.check(False, f"Python module {module} is installed (Debian: {package})", str(error))
    for name in ("PGHOST", "PGPORT", "PGUSER", "PGDATABASE", "PG_BINDIR", "BUILD_DIR"):
        if not os.environ.get(name):
            report.check(False, f"{name} is set by the test runner")
    if report.failed:
        raise Stop


def connect(database, role=None, search_path=None, name="driver"):
    """Opens an autocommit session that returns every value as the server's text."""
    options = "-c timezone=UTC -c datestyle=ISO"
    if role:
        options += f" -c role={role}"
    if search_path:
        options += f" -c search_path={search_path}"
    connection = psycopg2.connect(dbname=database, options=options, application_name=name)
    connection.autocommit = True
    pq.register_type(RAW, connection)
    return connection


def query(connection, sql, *arguments):
    """Returns the rows of a statement, or [] if it returns none."""
    with connection.cursor() as cursor:
        cursor.execute(sql, arguments or None)
        return cursor.fetchall() if cursor.description else []


def create_database(name, roles=()):
    """Makes an empty database, and the roles it needs if the server does not have them."""
    server = connect(os.environ["PGDATABASE"])
    query(server, f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
    for role in roles:
        if not query(server, "SELECT 1 FROM pg_roles WHERE rolname = %s", role):
            query(server, f"CREATE ROLE {role}")
    query(server, f"CREATE DATABASE {name}")
    server.close()
    database = connect(name)
    query(database, "CREATE EXTENSION pg_strata")
    # The guard has tests of its own.
    query(database, "SELECT strata.drop_policy(hazard) FROM strata.policies")
    return database


def answer(connection, sql):
    """Returns what a client gets: column names, type OIDs and rows; or the number of rows changed."""
    with connection.cursor() as cursor:
        cursor.execute(sql)
        if not cursor.description:
            return (cursor.statusmessage,)
        columns = tuple((column.name, column.type_code) for column in cursor.description)
        return (columns, cursor.fetchall())


def show(value):
    if len(value) == 1:
        return value[0]
    columns, rows = value
    return f"{[name for name, _ in columns]} of types {[oid for _, oid in columns]}: {rows}"


def difference(before, now):
    """One line that shows where two answers part."""
    if len(before) == 2 and len(now) == 2 and before[0] == now[0]:
        for number, (old, new) in enumerate(zip(before[1], now[1]), 1):
            if old != new:
                return f"row {number}: recorded {old}, now {new}"
        return f"recorded {len(before[1])} rows, now {len(now[1])}"
    return f"recorded {show(before)[:400]}, now {show(now)[:400]}"


def fill(statements, tag):
    return [statement.replace("{tag}", tag) for statement in statements]


class Version:
    """One published version: what its clients saw, and the session that stays open."""

    def __init__(self, database, base, name, schema, role, queries, dialogues):
        self.database, self.base, self.name = database, base, name
        self.schema, self.role = schema, role
        self.queries, self.dialogues = dict(queries), dict(dialogues)
        self.live = True
        self.session = self.open("since publish")
        for number, sql in enumerate(self.queries.values()):
            query(self.session, f"PREPARE recorded_{number} AS {sql}")
        self.shape = self.read_shape()
        self.answers = {text: answer(self.session, sql) for text, sql in self.queries.items()}
        self.outcomes = {text: self.hold(self.session, fill(statements, "rolled.back"))
                         for text, statements in self.dialogues.items()}

    def open(self, suffix):
        return connect(self.database, self.role, self.schema, f"{self.schema} {suffix}")

    def close(self):
        self.live = False
        self.session.close()

    def read_shape(self):
        connection = connect(self.database)
        try:
            return {relation: {"oid": oid, "grants": grants, "comment": comment,
                               "columns": query(connection, COLUMNS, oid)}
                    for relation, oid, grants, comment in query(connection, RELATIONS, self.schema)}
        finally:
            connection.close()

    def hold(self, connection, statements, end="ROLLBACK"):
        """Runs a dialogue in a transaction; the first error is its last answer."""
        outcomes = []
        query(connection, "BEGIN")
        try:
            for statement in statements:
                try:
                    outcomes.append(answer(connection, statement))
                except psycopg2.Error as error:
                    outcomes.append((f"error {error_text(error)}",))
                    break
        finally:
            query(connection, end)
        return outcomes

    def work(self, tag):
        """Commits the dialogues that add rows, as clients of the version do all day; returns what failed."""
        fresh = self.open("works")
        try:
            return [f"{self.name}: {text}: {outcome[0]}"
                    for text, statements in self.dialogues.items() if "{tag}" in statements[0]
                    for outcome in self.hold(fresh, fill(statements, f"{self.name}.{tag}"), "COMMIT")
                    if len(outcome) == 1 and outcome[0].startswith("error ")]
        finally:
            fresh.close()

    def broken_dialogues(self):
        return [f"{self.name}: {text}: {outcomes[-1][0]}" for text, outcomes in self.outcomes.items()
                if len(outcomes[-1]) == 1 and outcomes[-1][0].startswith("error ")]

    def problems(self):
        """Everything in which the version differs from what was recorded; [] if nothing does."""
        found = []
        now = self.read_shape()
        for relation, recorded in self.shape.items():
            if relation not in now:
                found.append(f"{self.name}.{relation} is gone")
                continue
            for part, value in recorded.items():
                if now[relation][part] != value:
                    found.append(f"{self.name}.{relation} {part}: recorded {value}, "
                                 f"now {now[relation][part]}")
        found += [f"{self.name}.{relation} was never published" for relation in now
                  if relation not in self.shape]
        fresh = self.open("fresh")
        try:
            for number, (text, sql) in enumerate(self.queries.items()):
                for session, statement, how in ((fresh, sql, "new session"),
                                                (self.session, f"EXECUTE recorded_{number}",
                                                 "prepared at publish")):
                    found += self.compare(f"{text} ({how})", self.answers[text],
                                          lambda: answer(session, statement))
            for text, statements in self.dialogues.items():
                statements = fill(statements, "rolled.back")
                outcomes = self.hold(fresh, statements)
                for sql, before, after in zip(statements, self.outcomes[text], outcomes):
                    if before != after:
                        found.append(f"{self.name}: {text}: {sql}: {difference(before, after)}")
        finally:
            fresh.close()
        return found

    def compare(self, text, recorded, ask):
        try:
            now = ask()
        except psycopg2.Error as error:
            return [f"{self.name}: {text}: {error_text(error)}"]
        if now != recorded:
            return [f"{self.name}: {text}: {difference(recorded, now)}"]
        return []


class Recorder:
    """Publishes versions of one base schema and compares all live ones after every step."""

    def __init__(self, report, connection, database, base, role, bound):
        self.report, self.connection = report, connection
        self.database, self.base, self.role, self.bound = database, base, role, bound
        self.versions = []

    @property
    def live(self):
        return [version for version in self.versions if version.live]

    def publish(self, name, keys, queries=None, dialogues=None):
        """Publishes, records, and checks that the record is worth something.

        keys: relation -> ORDER BY list for SELECT *; rows whose first key exceeds the bound are left out,
        because the application adds rows later.
        """
        schema, = query(self.connection, "SELECT strata.publish(%s::regnamespace, %s)::text",
                        self.base, name)[0]
        everything = {f"all of {relation}":
                      f"SELECT * FROM {relation} WHERE {key.split(',')[0]} <= {self.bound} ORDER BY {key}"
                      for relation, key in keys.items()}
        version = Version(self.database, self.base, name, schema, self.role,
                          {**everything, **(queries or {})}, dialogues or {})
        self.versions.append(version)
        base = connect(self.database)
        expected = {relation: [column[:5] for column in query(base, COLUMNS, oid)]
                    for relation, oid, _, _ in query(base, RELATIONS, self.base)}
        base.close()
        shape = {relation: [column[:5] for column in part["columns"]]
                 for relation, part in version.shape.items()}
        wrong = [f"{relation}: base {strip(expected.get(relation))}, version {strip(shape.get(relation))}"
                 for relation in {**expected, **shape}
                 if strip(expected.get(relation)) != strip(shape.get(relation))]
        wrong += [f"{relation} is not recorded" for relation in shape if relation not in keys]
        wrong += [f"{text} returns no row" for text, value in version.answers.items() if not value[1]]
        wrong += version.broken_dialogues()
        self.report.check(not wrong, f"{name} published as {schema}: {len(shape)} relations, "
                          f"{len(version.queries)} queries and {len(version.dialogues)} dialogues recorded",
                          wrong)

    def verify(self, step):
        """All live versions answer as recorded, and strata.verify() agrees."""
        found = [problem for version in self.live for problem in version.problems()]
        found += [f"strata.verify(): {row}" for row in
                  query(self.connection, "SELECT * FROM strata.verify(%s::regnamespace)", self.base)]
        names = ", ".join(version.name for version in self.live) or "no version yet"
        self.report.check(not found, f"{step}: {names} unchanged", found)

    def work(self, step):
        """Clients of all live versions add rows of their own; nobody may fail."""
        if self.live:
            failed = [problem for version in self.live for problem in version.work(step)]
            self.report.check(not failed, f"{step}: clients of all versions write", failed)

    def retire(self, name):
        version = next(version for version in self.live if version.name == name)
        version.close()
        query(self.connection, "SELECT strata.set_option(%s::regnamespace, 'retire_after_idle', '0')", self.base)
        query(self.connection, "SELECT strata.retire(%s::regnamespace, %s)", self.base, name)

    def refused(self, sql, sqlstate, text):
        """A statement that would break a live version is refused with our SQLSTATE."""
        try:
            query(self.connection, sql)
        except psycopg2.Error as error:
            self.report.check(error.pgcode == sqlstate, text, error_text(error))
        else:
            self.report.check(False, text, "it was executed")


def strip(columns):
    """Attribute numbers of the base have gaps after DROP COLUMN; only their order is part of the shape."""
    return None if columns is None else [(name, *rest) for name, _, *rest in columns]
