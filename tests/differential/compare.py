"""Runs one statement on both sides, the version and its plain copy, and compares everything that can be seen."""
import io

import psycopg2

from model import ident
from reshape import literal


class Mismatch(Exception):
    """The two sides differ."""


class Session:
    """One connection; keeps what was run, to be run again by hand."""

    def __init__(self):
        self.connection = psycopg2.connect("options='-c timezone=UTC -c client_min_messages=error'")
        self.connection.autocommit = True
        self.script, self.path = ["\\set ON_ERROR_ROLLBACK on\n SELECT 1"], None

    @property
    def server(self):
        return self.connection.server_version

    def run(self, text):
        """Runs what must succeed."""
        self.script.append(text)
        with self.connection.cursor() as cursor:
            cursor.execute(text)
            return cursor.fetchall() if cursor.description else []

    def ask(self, text):
        """Runs a query of the test's own; not for the script."""
        with self.connection.cursor() as cursor:
            cursor.execute(text)
            return cursor.fetchall() if cursor.description else []


class Outcome:
    """What a client sees of a statement."""

    def __init__(self):
        self.sqlstate, self.message, self.results = None, "", []

    def __str__(self):
        if self.sqlstate:
            return f"{self.sqlstate} {self.message}"
        return "; ".join(f"{count} rows{': ' if rows else ''}{', '.join(rows)}" for count, rows, _ in self.results)


def attempt(session, path, side, statement, savepoint):
    """Runs the statement; in a transaction under a savepoint, else on its own."""
    outcome = Outcome()
    prefix = ("SAVEPOINT s; " if savepoint else "") + f"SET {'LOCAL ' if savepoint else ''}search_path TO {path}"
    session.ask(prefix)
    if side == "v" and path != session.path:
        session.path = path
        session.script.append(f"SET search_path TO {path}")
    try:
        with session.connection.cursor() as cursor:
            for text in statement.texts:
                text = text.replace("@SIDE@", side)
                if side == "v":
                    session.script.append(text)
                if statement.data is not None:
                    out = io.StringIO(statement.data) if " FROM STDIN" in text else io.StringIO()
                    cursor.copy_expert(text, out)
                    rows = [] if " FROM STDIN" in text else sorted(out.getvalue().splitlines())
                    outcome.results.append((cursor.rowcount, rows, ()))
                    continue
                cursor.execute(text)
                rows = sorted(map(repr, cursor.fetchall())) if cursor.description else []
                names = tuple(column.name for column in cursor.description or ())
                outcome.results.append((cursor.rowcount, rows, names))
    except psycopg2.Error as error:
        if error.pgcode is None or session.connection.closed:
            raise Mismatch(f"the connection was lost: {error}") from error
        outcome.sqlstate, outcome.message = error.pgcode, (error.diag.message_primary or "").strip()
    if savepoint:
        session.ask("ROLLBACK TO s; RELEASE s" if outcome.sqlstate else "RELEASE s")
    return outcome


class Sides:
    """A version and its copy."""

    def __init__(self, session, version, base):
        self.session, self.version, self.base = session, version, base
        self.comparison = None

    def sequences(self):
        """Pairs of a base sequence and the copy's."""
        return self.version.sequences + [(f"{ident(self.version.outer)}.ticks", f"{ident(self.version.copy_outer)}.ticks")]

    def align(self):
        """Lets the copy's sequences go on where those of the base are."""
        for base, copy in self.sequences():
            self.session.ask(f"SELECT setval({literal(copy)}, last_value, is_called) FROM {base}")

    def prepare(self):
        """Makes the comparison of all relations one prepared statement."""
        version, parts = self.version, []
        for shape in version.shapes:
            view, copy = (f"{ident(schema)}.{ident(shape.name)}" for schema in (version.schema, version.copy))
            bucket, key = shape.role("bucket"), shape.role("id")
            keys = f"array_agg(ARRAY[{ident(key.name)}::bigint, {ident(bucket.name) if bucket else 0}] ORDER BY {ident(key.name)})"
            parts.append(f"""(SELECT count(*) FROM ((TABLE {view} EXCEPT ALL TABLE {copy}) UNION ALL
                (TABLE {copy} EXCEPT ALL TABLE {view})) AS d), (SELECT {keys} FROM {copy})""")
        for base, copy in self.sequences():
            parts.append(f"(SELECT (b.last_value, b.is_called) = (c.last_value, c.is_called) FROM {base} AS b, {copy} AS c)")
        self.session.ask(f"PREPARE comparison_{version.name} AS SELECT {', '.join(parts)}")

    def compare(self, sequences=True):
        """Raises Mismatch when a relation differs. Returns the keys that are there, by shape."""
        found = self.session.ask(f"EXECUTE comparison_{self.version.name}")[0]
        live = {}
        for number, shape in enumerate(self.version.shapes):
            if found[2 * number]:
                raise Mismatch(self.differences(shape))
            live[shape] = [tuple(row) for row in found[2 * number + 1] or []]
        if sequences and not all(found[2 * len(self.version.shapes):]):
            raise Mismatch("a sequence is elsewhere")
        return live

    def differences(self, shape):
        view, copy = (f"{ident(schema)}.{ident(shape.name)}" for schema in (self.version.schema, self.version.copy))
        lines = [f"{shape.name} differs"]
        for here, there, what in ((view, copy, "only through the version"), (copy, view, "only in the copy")):
            for row in self.session.ask(f"SELECT d::text FROM (TABLE {here} EXCEPT ALL TABLE {there}) AS d"):
                lines.append(f"{what}: {row[0]}")
        return "\n".join(lines)

    def refresh(self):
        """Takes the rows of the copy anew from the version."""
        version = self.version
        for shape in version.shapes:
            copy = f"{ident(version.copy)}.{ident(shape.name)}"
            names = ", ".join(ident(column.name) for column in shape.plain())
            self.session.ask(f"TRUNCATE {copy}; INSERT INTO {copy} ({names}) OVERRIDING SYSTEM VALUE"
                             f" SELECT {names} FROM {ident(version.schema)}.{ident(shape.name)}")
        self.align()

    @staticmethod
    def alike(statement, through, plain):
        """Whether both succeeded, or failed with errors of one class. In which order MERGE meets its rows, and so which
        of them is refused first, is the server's."""
        classes = {(outcome.sqlstate or "")[:2] for outcome in (through, plain)}
        merges = any(text.startswith("MERGE") for text in statement.texts)
        return len(classes) == 1 or (merges and classes == {"23", "44"})

    def both(self, statement, savepoint):
        """Runs a statement on both sides. Returns whether it succeeded, and the keys there are then."""
        version = self.version
        through = attempt(self.session, version.path(False), "v", statement, savepoint)
        plain = attempt(self.session, version.path(True), "c", statement, savepoint)
        if not self.alike(statement, through, plain):
            raise Mismatch(f"version: {through}\ncopy:    {plain}")
        if not through.sqlstate and through.results != plain.results:
            raise Mismatch(f"results differ\nversion: {through}\ncopy:    {plain}\n"
                           f"columns {[r[2] for r in through.results]} {[r[2] for r in plain.results]}")
        if through.sqlstate:
            self.align()
        return through, self.compare()
