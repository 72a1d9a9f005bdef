"""Random changes of a base schema: what a migration would do, told to the model and run as DDL."""
from kinds import DOMAINS, KNOWN, STARTS, STEPS
from model import Node, Shape, Table, Unit, create_table, ident, image_of, in_base, type_in, value_of

NAMES = ("name", "Amount", "select", 'odd "one"', "größe", "a b", "total", "note", "it's", "x.y", "UPPER", "order", "n")
CHECKS = {"int": "{0} <> 7", "text": "{0} <> 'a'", "money": "{0} > -400", "date": "{0} <> '2000-02-02'"}
UNIQUE = ("int", "text", "pair", "money", "date", "uuid")


class World:
    """The base schema of one scenario. `run` executes one DDL statement."""

    def __init__(self, rng, base, run, breakage=None):
        self.rng, self.base, self.run, self.breakage = rng, base, run, breakage
        self.tables, self.versions, self.counter = [], [], 0

    def fresh(self, words=NAMES):
        self.counter += 1
        return f"{self.rng.choice(words)}{self.counter}"

    def sql(self, text):
        self.run(in_base(self.base, text))

    def at(self, table):
        return f"{ident(self.base)}.{ident(table.name)}"

    # The first shape.

    def create(self):
        base = ident(self.base)
        self.run(f"CREATE SCHEMA {base}")
        self.run(f"CREATE TYPE {base}.label AS ENUM ('two', 'zero', 'one')")
        self.run(f"CREATE TYPE {base}.place AS (x integer, y text)")
        self.run(f"CREATE DOMAIN {base}.short AS varchar(12) CHECK (VALUE <> 'x')")
        for _ in range(self.rng.randint(1, 3)):
            table = self.new_table()
            self.tables.append(table)
            for statement in create_table(self.base, self.base, Shape(table)):
                self.run(statement)
            self.name_checks(table)

    def new_table(self):
        rng, table = self.rng, Table(self.fresh(("t", "Users", "order", 'we"ird', "a b")))
        key = Unit(Node("integer", "int", self.fresh(("id", "Id", "no"))), "id")
        key.identity = rng.choice(("always", "default", "default", "serial", "serial", None))
        key.root.notnull = True
        table.units.append(key)
        sort = rng.random()
        if sort < 0.2:
            bucket = Unit(Node("integer", "int", self.fresh(("bucket",)), True), "bucket")
            table.units.append(bucket)
            table.partitions = [(self.fresh(("low", "Low part")), "FROM (0) TO (10)"), (self.fresh(("high",)), "FROM (10) TO (20)")]
        elif sort < 0.3:
            table.key = False
        for _ in range(rng.randint(2, 6)):
            table.units.append(self.new_unit(table))
        if rng.random() < 0.3:
            inputs = [unit.root for unit in table.units if unit.root.domain == "int" and unit.root.type == "integer"]
            generated = Unit(Node("integer", "int", self.fresh(("gen",))), "generated")
            generated.formula = ("{0} * 2 + 1", (rng.choice(inputs),))
            table.units.append(generated)
        table.columns = [unit.root for unit in table.units]
        rng.shuffle(table.columns)
        return table

    def new_unit(self, table):
        rng = self.rng
        domain, column_type = rng.choice(STARTS)
        node = Node(column_type, domain, self.fresh(), rng.random() < 0.25 or domain in ("pair", "place"))
        if rng.random() < 0.35 or domain == "place":
            node.default = DOMAINS[domain].literal(rng)
        unit = Unit(node)
        if domain in UNIQUE and column_type != "base.short" and not table.partitions and rng.random() < 0.25:
            unit.unique, node.default = True, None
        elif domain in CHECKS and rng.random() < 0.25:
            unit.check = CHECKS[domain]
            if node.default in ("7", "'a'", "'2000-02-02'::date") or domain == "money":
                node.default = None
        return unit

    def name_checks(self, table):
        """Gives the CHECKs names by which they can be made anew."""
        for unit in table.units:
            if unit.check:
                self.add_check(table, unit, drop=f"{table.name}_{unit.root.name}_check")

    def add_check(self, table, unit, drop=None):
        if drop:
            self.run(f"ALTER TABLE {self.at(table)} DROP CONSTRAINT {ident(drop)}")
        refs = {leaf: ident(leaf.name) for leaf in table.columns}
        self.sql(f"ALTER TABLE {self.at(table)} ADD CONSTRAINT {ident('check_' + unit.name)} CHECK ({unit.check.format(value_of(unit.root, refs))})")

    def drop_check(self, table, unit):
        self.run(f"ALTER TABLE {self.at(table)} DROP CONSTRAINT {ident('check_' + unit.name)}")

    # Changes.

    def change(self):
        """Makes one random change. Returns its name."""
        table = self.rng.choice(self.tables)
        changes = (self.rename_column, self.rename_column, self.rename_table, self.step, self.step, self.step, self.step,
                   self.step, self.add_column, self.add_column, self.add_filled, self.drop_column, self.widen_key)
        while True:
            change = self.rng.choice(changes)
            if change(table):
                return change.__name__

    def rename_column(self, table):
        node = self.rng.choice(table.columns)
        old, node.name = node.name, self.fresh()
        self.run(f"ALTER TABLE {self.at(table)} RENAME COLUMN {ident(old)} TO {ident(node.name)}")
        return True

    def rename_table(self, table):
        at, table.name = self.at(table), self.fresh()
        self.run(f"ALTER TABLE {at} RENAME TO {ident(table.name)}")
        return True

    def widen_key(self, table):
        unit = next(unit for unit in table.units if unit.role == "id")
        leaf = unit.root.leaves()[0]
        if not any(unit in shape.units for version in self.versions for shape in version.shapes):
            return False
        generated = [g for g in table.units if g.role == "generated" and unit.root in g.formula[1]]
        if leaf.type != "integer" or generated:
            return False
        return self.take(table, unit, leaf, next(s for s in STEPS if s.old == "integer" and s.children[0][0] == "bigint"))

    def step(self, table):
        """A column that gives way to others."""
        rng = self.rng
        fixed = {root for unit in table.units if unit.role == "generated" for root in unit.formula[1]}
        seen = {unit for version in self.versions for shape in version.shapes for unit in shape.units}
        choices = []
        for leaf in table.columns:
            unit = table.unit_of(leaf)
            if unit.role == "" and unit.root not in fixed and unit in seen and leaf.domain:
                choices += [(leaf, step) for step in STEPS if step.domain == leaf.domain and step.old == leaf.type
                            and not (unit.unique and "timestamp" in step.old)
                            and not (unit.fill and step.domain == "bool" and step.way == "cast" and not KNOWN)
                            and not (leaf.default and leaf.notnull and (step.way == "prepare" or step.domain == "bool"))]
        if not choices:
            return False
        leaf, step = rng.choice(choices)
        return self.take(table, table.unit_of(leaf), leaf, step)

    def take(self, table, unit, leaf, step):
        rng, at, column = self.rng, self.at(table), ident(leaf.name)
        children = [Node(new, domain, leaf.name if step.way != "replace" else self.fresh(), leaf.notnull and step.strict)
                    for new, domain in step.children]
        # Versions that do not show the column need its default, those published later may go without.
        told = any(unit not in shape.units for version in self.versions for shape in version.shapes if shape.table is table)
        keep_default = leaf.default is not None and (step.way == "cast" or told or rng.random() < 0.5)
        self.drop_arbiters(table, unit)
        if unit.check and step.way != "cast":
            self.drop_check(table, unit)
        if step.way == "cast":
            new = type_in(self.base, step.children[0][0])
            using = f" USING {column}::{new}" if rng.random() < 0.3 or step.domain == "bool" else ""
            if leaf.default is not None and step.domain == "bool":
                self.run(f"ALTER TABLE {at} ALTER COLUMN {column} DROP DEFAULT")
            self.run(f"ALTER TABLE {at} ALTER COLUMN {column} TYPE {new}{using}")
        elif step.way == "prepare":
            new, up = type_in(self.base, step.children[0][0]), in_base(self.base, step.up[0].format(column))
            if leaf.default is not None:
                self.run(f"ALTER TABLE {at} ALTER COLUMN {column} DROP DEFAULT")
            self.call("prepare_type_change", at, leaf.name, new, in_base(self.base, step.down.format(column)), up)
            self.run(f"ALTER TABLE {at} ALTER COLUMN {column} TYPE {new} USING {up}")
        else:
            for child in children:
                self.run(f"ALTER TABLE {at} ADD COLUMN {ident(child.name)} {type_in(self.base, child.type)}")
            ups = [in_base(self.base, up.format(column)) for up in step.up]
            self.run(f"UPDATE {at} SET " + ", ".join(f"{ident(c.name)} = {up}" for c, up in zip(children, ups)))
            down = in_base(self.base, step.down.format(*(ident(child.name) for child in children)))
            if self.breakage == "write":
                ups[0] = f"nullif({ups[0]}, {ups[0]})"
            pairs = ", ".join(f"{literal(child.name)}, {literal(up)}" for child, up in zip(children, ups))
            self.run(f"SELECT strata.replace_column({literal(at)}, {literal(leaf.name)}, {literal(down)},"
                     f" jsonb_build_object({pairs}))")
        position = table.columns.index(leaf)
        leaf.give_way(step, children)
        if step.way == "replace":
            table.columns.remove(leaf)
            table.columns += children
        else:
            table.columns[position:position + 1] = children
        for child in children:
            self.carry(table, unit, leaf, child, step, keep_default)
        if step.way == "replace":
            self.run(f"ALTER TABLE {at} DROP COLUMN {column}")
            if unit.unique:
                self.run(f"ALTER TABLE {at} ADD UNIQUE ({', '.join(ident(l.name) for l in unit.root.leaves())})")
        if unit.check and step.way != "cast":
            self.add_check(table, unit)
        self.make_arbiters(table, unit)
        return True

    def carry(self, table, unit, leaf, child, step, keep_default):
        """Default, fill and NOT NULL of a column that took another's place."""
        at, name, up = self.at(table), ident(child.name), step.up[child.number]
        if keep_default:
            child.default = leaf.default
            if step.way != "cast" or step.domain == "bool":
                child.default = f"({up.format(f'({leaf.default})::{leaf.type}')})"
                self.sql(f"ALTER TABLE {at} ALTER COLUMN {name} SET DEFAULT {child.default}")
        if unit.fill and step.way != "cast":
            self.fill(table, child, image_of(child, f"({unit.fill})::{unit.root.type}"))
        if step.way == "replace" and child.notnull:
            self.run(f"ALTER TABLE {at} ALTER COLUMN {name} SET NOT NULL")

    def call(self, function, at, column, *rest):
        """A function of ours on a column."""
        self.run(f"SELECT strata.{function}({', '.join(literal(part) for part in (at, column) + rest)})")

    def fill(self, table, node, expression):
        for name in [table.name] + [part for part, _ in table.partitions]:
            self.call("fill_column", f"{ident(self.base)}.{ident(name)}", node.name, in_base(self.base, expression))

    def add_column(self, table):
        unit = self.new_unit(table)
        node = unit.root
        if node.notnull and node.default is None or self.rng.random() < 0.3:
            node.default = node.default or DOMAINS[node.domain].literal(self.rng)
        unit.unique, unit.check = False, None
        self.sql(f"ALTER TABLE {self.at(table)} ADD COLUMN {ident(node.name)} {node.type}"
                 + (f" DEFAULT {node.default}" if node.default is not None else "") + (" NOT NULL" if node.notnull else ""))
        table.units.append(unit)
        table.columns.append(node)
        return True

    def add_filled(self, table):
        unit = self.new_unit(table)
        node = unit.root
        unit.unique, unit.check, node.default, node.notnull = False, None, None, True
        unit.fill = DOMAINS[node.domain].literal(self.rng)
        at, name = self.at(table), ident(node.name)
        self.sql(f"ALTER TABLE {at} ADD COLUMN {name} {node.type}")
        self.sql(f"UPDATE {at} SET {name} = {unit.fill}")
        self.fill(table, node, unit.fill)
        self.sql(f"ALTER TABLE {at} ALTER COLUMN {name} SET NOT NULL")
        table.units.append(unit)
        table.columns.append(node)
        return True

    def drop_column(self, table):
        """Only what no live version shows."""
        fixed = [root for unit in table.units if unit.role == "generated" for root in unit.formula[1]]
        seen = {unit for version in self.versions for shape in version.shapes for unit in shape.units}
        for unit in table.units:
            if unit.role == "" and unit not in seen and unit.root not in fixed:
                leaves = unit.root.leaves()
                self.run(f"ALTER TABLE {self.at(table)} "
                         + ", ".join(f"DROP COLUMN {ident(leaf.name)}" for leaf in leaves))
                table.units.remove(unit)
                table.columns = [column for column in table.columns if column not in leaves]
                return True
        return False

    # ON CONFLICT on what a version computes needs a unique index on the expression.

    def drop_arbiters(self, table, unit):
        for owner, name in [entry for entry in table.arbiters if entry[0] is unit]:
            self.run(f"DROP INDEX IF EXISTS {ident(self.base)}.{name}")
            table.arbiters.remove((owner, name))

    def make_arbiters(self, table, unit):
        if not unit.unique:
            return
        for version in self.versions:
            for shape in version.shapes:
                if shape.table is not table or unit not in shape.units:
                    continue
                if all(not column.node.children for column in shape.cut(unit)):
                    continue
                self.counter += 1
                name = f"arbiter_{self.counter}"
                names = ", ".join(literal(column.name) for column in shape.cut(unit))
                self.run(f"""DO $do$ BEGIN EXECUTE (SELECT 'CREATE UNIQUE INDEX {name} ON ' || {literal(self.at(table))}
                  || ' (' || string_agg('(' || read_as || ')', ', ' ORDER BY position) || ')'
                  FROM strata.contract({literal(ident(self.base))}, {literal(version.name)})
                  WHERE relation = {literal(shape.name)} AND column_name IN ({names})); END $do$""")
                table.arbiters.append((unit, name))


def literal(text):
    return "'" + text.replace("'", "''") + "'"
