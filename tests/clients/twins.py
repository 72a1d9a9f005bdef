"""One program, two databases: a version whose base is reshaped step by step, and a plain copy of its tables.

The program does not know which of the two it talks to. Two processes of it stay connected from the first step to
the last and play one round after each step: an order of writes and reads, every result printed. What they print and
the rows they leave must be the same, and at the end the base must hold what its mappings say.

A program reads round numbers from its standard input, prints results line by line and "==" after each round.
"""
import difflib
import json
import os
import subprocess
import sys

from recorder import Stop, connect, create_database, query, require

LIBRARY = os.path.join(os.path.dirname(os.path.abspath(__file__)), "library")
ROLE, BASE, VERSION, TABLES = "library_app", "library", "library_v1", ("members", "books", "loans")
STEPS = ("1_renamed", "2_retyped", "3_split", "4_newer", "5_again")
FEWEST = 25  # results of a round; fewer would mean that the program does not do what it says


def text_of(name):
    with open(os.path.join(LIBRARY, name), encoding="utf-8") as file:
        return file.read()


def environment(report, here):
    """A Python environment under BUILD_DIR with what requirements.txt pins; returns its interpreter."""
    with open(os.path.join(here, "requirements.txt"), encoding="utf-8") as file:
        wanted = file.read()
    place = os.path.join(os.environ["BUILD_DIR"], "python")
    python, stamp = os.path.join(place, "bin", "python"), os.path.join(place, "installed")
    names = ", ".join(line for line in wanted.split() if "==" in line)
    if not (os.path.exists(stamp) and open(stamp, encoding="utf-8").read() == wanted):
        for command in ([sys.executable, "-m", "venv", "--clear", place],
                        [python, "-m", "pip", "install", "-q", "--disable-pip-version-check", "--no-deps",
                         "--only-binary", ":all:", "-r", os.path.join(here, "requirements.txt")]):
            done = subprocess.run(command, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
            if done.returncode:
                report.check(False, f"pip installs {names}", done.stdout)
                raise Stop
        with open(stamp, "w", encoding="utf-8") as file:
            file.write(wanted)
    report.check(True, f"installed: {names}")
    return python


class Program:
    """A process of the client, connected to one of the databases from the beginning to the end."""

    def __init__(self, command, database, variables=None):
        place = os.path.join(os.environ["BUILD_DIR"], database)  # for the files it writes
        os.makedirs(place, exist_ok=True)
        env = {name: value for name, value in os.environ.items() if not name.startswith("PGOPTIONS")}
        self.process = subprocess.Popen(
            command, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            cwd=place,
            env={**env, "PGDATABASE": database, "PGUSER": ROLE, "PYTHONDONTWRITEBYTECODE": "1", **(variables or {})})

    def play(self, request):
        """The lines of one round; the last is a complaint if the program ended."""
        lines = []
        try:
            self.process.stdin.write(f"{request}\n")
            self.process.stdin.flush()
        except BrokenPipeError:
            pass
        for line in self.process.stdout:
            if line == "==\n":
                return lines
            lines.append(line.rstrip("\n"))
        return lines + [f"the program ended with status {self.process.wait()}"]

    def close(self):
        self.process.stdin.close()
        self.process.wait(60)
        self.process.stdout.close()


class Twins:
    """The two databases and their programs."""

    def __init__(self, report, name, command, request=str, variables=None, title=""):
        """request(number) is what a program is sent for a round."""
        self.report, self.request, self.title = report, request, title
        self.names = (f"client_{name}", f"client_{name}_plain")
        self.version, self.plain = (create_database(each, [ROLE]) for each in self.names)
        password = os.environ.get("PGPASSWORD")
        for sql in (f"ALTER ROLE {ROLE} LOGIN" + (f" PASSWORD '{password}'" if password else ""),
                    f"ALTER ROLE {ROLE} SET search_path = {VERSION}"):
            query(self.version, sql)
        for database, schema in ((self.version, BASE), (self.plain, VERSION)):
            for sql in (f"CREATE SCHEMA {schema}", f"SET search_path = {schema}", text_of("schema.sql"),
                        f"GRANT USAGE ON SCHEMA {schema} TO {ROLE}",
                        f"GRANT ALL ON ALL TABLES IN SCHEMA {schema} TO {ROLE}"):
                query(database, sql)
        query(self.version, f"SELECT strata.track('{BASE}')")
        query(self.version, f"SELECT strata.publish('{BASE}', 'v1')")
        self.programs = [Program(command, each, variables) for each in self.names]
        self.results = 0

    def step(self, name):
        query(self.version, text_of(f"{name}.sql"))
        if os.path.exists(os.path.join(LIBRARY, f"{name}_plain.sql")):
            query(self.plain, text_of(f"{name}_plain.sql"))

    def compare(self, text, found, expected):
        parted = list(difflib.unified_diff(expected, found, n=0, lineterm=""))[2:]
        self.report.check(found == expected and expected, self.title + text, parted or "nothing to compare")

    def rows(self, database, sql):
        return [str(row) for row in query(database, sql)]

    def round(self, number, step):
        """Both programs play; their results and all rows are compared."""
        found, expected = (program.play(self.request(number)) for program in self.programs)
        self.results += len(expected)
        self.compare(f"{step}: {len(expected)} results are those of a plain table", found, expected)
        ended = [line for line in expected if " ended" in line]
        self.report.check(len(expected) >= FEWEST and not ended,
                          f"{self.title}{step}: at least {FEWEST} results, and to the end", ended or expected)
        left = [[f"{table} {row}" for table in TABLES
                 for row in self.rows(database, f"SELECT * FROM {VERSION}.{table} ORDER BY id")]
                for database in (self.version, self.plain)]
        self.compare(f"{step}: {len(left[1])} rows are those of a plain copy", *left)

    def base(self):
        """The base holds what its mappings say."""
        for text, (found, expected) in json.loads(text_of("base.json")).items():
            query(self.plain, f"SET search_path = {VERSION}")
            expected = self.rows(self.plain, expected)
            self.compare(f"the base holds the mapped values: {text} ({len(expected)} rows)",
                         self.rows(self.version, found), expected)
        problems = query(self.version, "SELECT * FROM strata.verify()")
        self.report.check(not problems, f"{self.title}strata.verify() finds nothing", problems)

    def close(self):
        for program in self.programs:
            program.close()
        self.version.close()
        self.plain.close()


def run(report, name, command, request=str, variables=None, title=""):
    """A client from the first round to the last."""
    twins = Twins(report, name, command, request, variables, title)
    try:
        twins.round(0, "as published")
        for number, step in enumerate(STEPS, 1):
            twins.step(step)
            twins.round(number, step[2:])
        twins.base()
    finally:
        twins.close()
    print(f"# {title}{twins.results} results compared", flush=True)


def python_client(report, here, ways):
    """A client that is a program.py with a requirements.txt beside it; ways: title -> environment variables."""
    require(report)
    python = environment(report, here)
    for title, variables in ways.items():
        run(report, os.path.basename(here), [python, os.path.join(here, "program.py")], str, variables, f"{title}: ")
