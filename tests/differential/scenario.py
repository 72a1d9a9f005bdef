"""One scenario: a base schema, its versions, what happens to both. Everything follows from its seed."""
import random

import psycopg2

from compare import Mismatch, Session, Sides
from kinds import DOMAINS
from model import Shape, Version, View, create_table, fields_of, ident, in_base, value_of
from reshape import World, literal
from statements import Generator

ROUNDS, BLOCKS, STATEMENTS = 5, 3, 18


class Scenario:
    def __init__(self, seed, breakage=None):
        self.rng, self.seed = random.Random(seed), seed
        self.session = Session()
        self.ids = [100000]
        self.breakage = breakage
        self.statements = self.failed = self.crossed = 0
        self.last = None
        self.sides = {}
        self.base = self.rng.choice((f"d{seed}", f"D {seed}", f'd"{seed}'))

    def play(self, limit=None):
        """Raises Mismatch, or whatever DDL raises that should have passed."""
        session, rng = self.session, self.rng
        self.world = World(rng, self.base, self.ddl, self.breakage)
        session.run("CREATE EXTENSION IF NOT EXISTS pg_strata")
        session.run("SELECT strata.drop_policy(hazard) FROM strata.policies")
        self.world.create()
        self.seed_rows()
        session.run(f"SELECT strata.track({literal(ident(self.base))})")
        session.run(f"SELECT strata.set_option({literal(ident(self.base))}, 'retire_after_idle', '0')")
        self.publish()
        self.cursors = self.takes_cursors()
        for number in range(ROUNDS):
            for _ in range(rng.randint(1, 4) if number else rng.randint(0, 2)):
                self.reshape()
            if rng.random() < 0.5 and len(self.world.versions) < 4:
                self.publish()
            elif len(self.world.versions) > 2 and rng.random() < 0.2:
                self.retire()
            for _ in range(BLOCKS):
                self.block(rng.choice(self.world.versions))
        self.session.connection.close()

    def ddl(self, text):
        self.last = text
        self.session.run(text)

    def takes_cursors(self):
        """Whether the server takes WHERE CURRENT OF on a view: recent minor releases refuse it while they parse."""
        version = self.world.versions[0]
        shape = version.shapes[0]
        try:
            self.session.ask(f"PREPARE probe AS DELETE FROM {ident(version.schema)}.{ident(shape.name)} WHERE CURRENT OF none")
        except psycopg2.errors.FeatureNotSupported:
            return False
        self.session.ask("DEALLOCATE probe")
        return True

    def seed_rows(self):
        """A few rows, written to the base itself."""
        shapes = [Shape(table) for table in self.world.tables]
        version = Version("v0", self.base, self.base, shapes, [])
        generator = Generator(self.rng, self.base, version, self.session.server, self.ids)
        self.session.run(f"SET search_path TO {ident(self.base)}; CREATE SEQUENCE ticks")
        for _ in range(8 * len(shapes)):
            text = generator.insert(plain=True)
            try:
                self.session.run(text)
            except Exception:  # what violates something is not there
                self.session.script.pop()
        self.session.run("DROP SEQUENCE ticks")
        self.session.run("RESET search_path")

    def reshape(self):
        # A base view, and views of others, stand in the way of DDL as they do without versions.
        self.last = None
        change = self.world.change()
        for version, sides in self.sides.items():
            try:
                sides.compare(sequences=False)
            except Mismatch as mismatch:
                raise Mismatch(f"after {change}, version {version.name}: {mismatch}") from mismatch

    def publish(self):
        world, rng = self.world, self.rng
        name = f"v{world.counter}"
        world.counter += 1
        shapes = [Shape(table) for table in world.tables]
        views = [self.new_view(rng.choice(shapes)) for _ in range(rng.choice((0, 1)))]
        for view in views:
            self.session.run(in_base(self.base, view.ddl(self.base, self.base)))
        schema = f"{self.base}_{name}" if rng.random() < 0.7 else f"S {self.seed} {name}"
        self.session.run(f"SELECT strata.publish({literal(ident(self.base))}, {literal(name)}, schema => {literal(schema)})")
        for view in views:
            self.session.run(f"DROP VIEW {ident(self.base)}.{ident(view.name)}")
        version = Version(name, schema, f"copy {self.base} {name}", shapes, views)
        version.outer_views = [self.new_view(rng.choice(shapes)) for _ in range(rng.choice((0, 1, 1)))]
        world.versions.append(version)
        self.make_copy(version)

    def new_view(self, shape):
        rng = self.rng
        fields = fields_of(shape.columns)
        chosen = [field for field in fields if rng.random() < 0.8 or field.unit.role == "id"]
        columns = [column for column in shape.columns if any(column in field.columns for field in chosen)]
        field = rng.choice(chosen)
        value = in_base(self.base, field.value(shape.refs()))
        condition = f"{value} IS NOT NULL"
        if field.owner.domain == "int" and field.unit.role != "id":
            condition = rng.choice((f"{value} < 30", condition, f"{value} IS NULL OR {value} <> 0"))
        return View(self.world.fresh(("vw", "My view")), shape, columns, condition, rng.random() < 0.5)

    def make_copy(self, version):
        session = self.session
        session.run(f"CREATE SCHEMA {ident(version.copy)}")
        for schema in (version.outer, version.copy_outer):
            session.run(f"CREATE SCHEMA {ident(schema)}; CREATE SEQUENCE {ident(schema)}.ticks")
        for shape in version.shapes:
            for text in create_table(self.base, version.copy, shape):
                session.run(text)
        for view in version.views:
            session.run(in_base(self.base, view.ddl(version.copy, version.copy)))
        for view in version.outer_views:
            session.run(in_base(self.base, view.ddl(version.outer, version.schema)))
            session.run(in_base(self.base, view.ddl(version.copy_outer, version.copy)))
        version.sequences = []
        for shape in version.shapes:
            unit = shape.role("id").unit
            if unit.identity:
                tables = ((self.base, shape.table.name, unit.root.leaves()[0].name),
                          (version.copy, shape.name, shape.role("id").name))
                pair = tuple(session.ask(f"SELECT pg_get_serial_sequence({literal(ident(schema) + '.' + ident(table))},"
                                         f" {literal(column)})")[0][0] for schema, table, column in tables)
                version.sequences.append(pair)
        sides = self.sides[version] = Sides(session, version, self.base)
        sides.refresh()
        sides.prepare()
        sides.compare()

    def retire(self):
        version = self.rng.choice(self.world.versions[:-1])
        self.session.run(f"DROP SCHEMA {ident(version.outer)} CASCADE; DROP SCHEMA {ident(version.copy_outer)} CASCADE")
        self.session.run(f"SELECT strata.retire({literal(ident(self.base))}, {literal(version.name)})")
        self.session.run(f"DROP SCHEMA {ident(version.copy)} CASCADE")
        self.world.versions.remove(version)
        del self.sides[version]

    def block(self, version):
        """Statements through one version, then a look at what the others make of them."""
        rng, sides = self.rng, self.sides[version]
        generator = Generator(rng, self.base, version, self.session.server, self.ids)
        generator.steady = rng.random() < 0.8
        generator.counter, generator.cursors = self.statements, self.cursors
        sides.align()
        generator.live = sides.compare()
        transaction, functions = rng.random() < 0.7, list(version.functions)
        if transaction:
            self.session.run("BEGIN")
        for _ in range(rng.randint(STATEMENTS // 2, STATEMENTS * 3 // 2)):
            statement = generator.statement()
            if not transaction and any("CURSOR" in text for text in statement.texts):
                continue
            self.last = "\n".join(statement.texts) + ("\n" + statement.data if statement.data else "")
            outcome, generator.live = sides.both(statement, transaction)
            self.statements += 1
            self.failed += outcome.sqlstate is not None
            if outcome.sqlstate and statement.keeps:
                statement.keeps[0].remove(statement.keeps[1])
        self.last = None
        self.session.ask("RESET search_path")
        if transaction:
            end = "ROLLBACK" if rng.random() < 0.1 else "COMMIT"
            self.session.run(end)
            if end == "ROLLBACK":
                version.functions = functions
            self.session.ask("RESET search_path")
            sides.align()
            sides.compare()
        for other, others in self.sides.items():
            if other is not version:
                if generator.steady and not generator.reused:
                    self.cross(version, other)
                others.refresh()
                others.compare()

    def cross(self, version, other):
        """What the other version must show now: computed from the copies, not by the mappings of the server."""
        for shape in other.shapes:
            wrote = next((s for s in version.shapes if s.table is shape.table), None)
            if wrote is None or not shape.key:
                continue
            refs, items, names = wrote.refs("c"), [], []
            for column in shape.plain():
                value = value_of(column.node, refs)
                if self.breakage == "others" and column.unit.role == "":
                    value = None  # as if no write through one version reached another
                old = "o." + ident(column.name)
                if value is None:
                    root = column.unit.root
                    made = column.unit.fill or root.default
                    new = "NULL" if made is None else value_of(column.node, {root: f"({made})::{root.type}"})
                    value = f"CASE WHEN o.{ident(shape.role('id').name)} IS NULL THEN {new} ELSE {old} END"
                items.append(in_base(self.base, f"({value})::{column.type}"))
                names.append(ident(column.name))
            expected = (f"SELECT {', '.join(items)} FROM {ident(version.copy)}.{ident(wrote.name)} AS c"
                        f" LEFT JOIN {ident(other.copy)}.{ident(shape.name)} AS o"
                        f" ON o.{ident(shape.role('id').name)} = c.{ident(wrote.role('id').name)}")
            found = f"SELECT {', '.join(names)} FROM {ident(other.schema)}.{ident(shape.name)}"
            lines = []
            for one, two, what in ((found, expected, "shown"), (expected, found, "expected")):
                for row in self.session.ask(f"SELECT d::text FROM ({one} EXCEPT ALL {two}) AS d ORDER BY 1"):
                    lines.append(f"{what}: {row[0]}")
            self.crossed += 1
            if lines:
                raise Mismatch(f"after writes through {version.name}, {shape.name} of {other.name}:\n" + "\n".join(lines))
