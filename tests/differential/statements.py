"""Random DML on one version, written once and run twice: through the version and on its plain copy.

In a statement @SIDE@ stands for a word that differs between the two, for names that belong to the session.
Where the server may choose (the order of rows, the row of a join that matches twice) the two may differ and both be
right, so the generator leaves no choice: joins are on keys, rows that take numbers are ordered.
"""
from kinds import DOMAINS, KNOWN
from model import fields_of, ident, in_base, value_of


class Target:
    """What a statement writes to: a table, a partition or an updatable view of the version."""

    def __init__(self, name, shape, columns, is_view=False):
        self.name, self.shape, self.columns, self.is_view = name, shape, columns, is_view
        self.fields = fields_of(columns)
        self.plain = [field for field in self.fields if field.unit.role not in ("id", "bucket")]

    def field(self, role):
        return next((field for field in self.fields if field.unit.role == role), None)

    def refs(self, alias=None):
        prefix = alias + "." if alias else ""
        return {column.node: prefix + ident(column.name) for column in self.columns}


class Statement:
    """Texts to be run one after the other as one statement."""

    def __init__(self, *texts, data=None, keeps=None):
        self.texts, self.data = texts, data
        self.keeps = keeps  # what it leaves for later statements: a list and an item of it


class Generator:
    def __init__(self, rng, base, version, server, ids):
        self.rng, self.base, self.version, self.server = rng, base, version, server
        self.ids = ids         # numbers for explicit keys that no sequence reaches
        self.live = {}         # by shape: [(id, bucket)]
        self.steady = True     # no key is changed and none used again
        self.reused = False    # but that happened after all
        self.counter = 0
        self.ticked = False    # the row has a volatile value already: in which order two are taken is the server's
        self.cursors = True    # the server takes WHERE CURRENT OF on views
        self.stored = False    # the statement will be stored: what only the rewriting can do is left out

    def chance(self, share):
        return self.rng.random() < share

    def target(self, shape=None):
        version, rng = self.version, self.rng
        shape = shape or rng.choice(version.shapes)
        views = [view for view in version.views + version.outer_views if view.shape is shape]
        if views and self.chance(0.2):
            view = rng.choice(views)
            return Target(view.name, shape, view.columns, True)
        if shape.partitions and self.chance(0.15):
            return Target(rng.choice(shape.partitions)[0], shape, shape.columns)
        return Target(shape.name, shape, shape.columns)

    # Values.

    def assign(self, field, refs=None, volatile=False, multiple=False):
        """Values of the field's columns, as SQL; `multiple`: for several rows of the table at once."""
        rng, domain = self.rng, DOMAINS[field.owner.domain]
        draw = rng.random()
        notnull = any(column.notnull for column in field.columns)
        if draw < 0.08 and not (refs and field.owner.domain == "place") and not (self.stored and refs is None) and (KNOWN or refs or not field.unit.fill):
            return ["DEFAULT"] * len(field.columns)
        if draw < 0.16 and field.owner.domain not in ("place", "pair", "word") and (not notnull or self.chance(0.1)):
            if not (self.stored and any(column.default for column in field.columns)):
                return ["NULL"] * len(field.columns)
        if draw < 0.18 and field.native:
            bad = domain.bad(rng, field.columns[0].type)
            if bad and not (self.stored and bad == "NULL"):
                return [bad]
        if draw < 0.25 and volatile and not self.ticked and field.native and field.owner.domain in ("int", "text"):
            self.ticked = True
            return ["nextval('ticks') % 100" if field.owner.domain == "int" else "'v' || nextval('ticks')"]
        if refs and draw < 0.7 and not (multiple and field.unit.unique):
            return field.images(self.base, domain.expression(rng, field.value(refs)))
        if field.unit.unique and field.owner.domain == "int" and self.chance(0.8):
            return field.images(self.base, str(rng.randint(-99, 99)))
        return field.images(self.base, domain.literal(rng))

    def next_id(self):
        self.ids[0] += 1
        return self.ids[0]

    def row(self, target):
        """The key of a row that is there, or of none."""
        rows = self.live.get(target.shape)
        if not rows or self.chance(0.05):
            return (-1, 0)
        return self.rng.choice(rows)

    def condition(self, target, alias=None):
        """A condition, and whether it holds for one row at most."""
        rng, refs = self.rng, target.refs(alias)
        key = target.field("id")
        draw = rng.random()
        if key and draw < 0.5:
            return f"{key.value(refs)} = {self.row(target)[0]}", target.shape.key
        if key and draw < 0.6:
            return f"{key.value(refs)} IN ({', '.join(str(self.row(target)[0]) for _ in range(3))})", False
        if target.plain and draw < 0.9:
            field = rng.choice(target.plain)
            value, domain = in_base(self.base, field.value(refs)), DOMAINS[field.owner.domain]
            if draw < 0.65:
                return f"{value} IS {rng.choice(('', 'NOT '))}NULL", False
            other = in_base(self.base, f"({domain.literal(rng)})::{field.owner.type}")
            operator = rng.choice(("=", "<", ">", "<>")) if domain.comparable else "="
            return f"{value} {operator} {other}", False
        if draw < 0.93:
            return f"EXISTS (SELECT FROM {ident(self.version.shapes[0].name)})", False
        return "true", False

    def returning(self, target, alias=None, more=()):
        rng = self.rng
        draw = rng.random()
        name = alias or ident(target.name)
        if draw < 0.3:
            return ""
        if draw < 0.45:
            return " RETURNING *"
        if draw < 0.55:
            return f" RETURNING {name}.*, {name}"
        items = [ident(column.name) if not alias else f"{alias}.{ident(column.name)}"
                 for column in rng.sample(target.columns, rng.randint(1, len(target.columns)))]
        if target.fields and self.chance(0.5):
            field = rng.choice(target.fields)
            items.append(in_base(self.base, DOMAINS[field.owner.domain].expression(rng, field.value(target.refs(alias)))) + " AS e")
        if self.server >= 180000 and self.chance(0.4):
            items.append(rng.choice(("old", "new")) + "." + ident(rng.choice(target.columns).name) + " AS o")
        if self.chance(0.1):
            items.append(f"(SELECT count(*) FROM {ident(target.shape.name)}) AS c")
        return " RETURNING " + ", ".join(items + list(more))

    # Statements.

    def statement(self):
        rng = self.rng
        weights = ((self.insert, 30), (self.update, 34), (self.delete, 8), (self.ctes, 5), (self.copy_from, 5),
                   (self.copy_to, 1), (self.cursor, 3), (self.prepare, 4), (self.execute, 12), (self.atomic, 4),
                   (self.call, 5), (self.block, 4), (self.merge, 8 if self.server >= 170000 else 0))
        while True:
            make = rng.choices([pair[0] for pair in weights], [pair[1] for pair in weights])[0]
            made = make()
            if made is not None:
                return made if isinstance(made, Statement) else Statement(made)

    def insert(self, target=None, plain=False):
        rng, target = self.rng, target or self.target()
        name = ident(target.name)
        if self.chance(0.04):
            return None if any(unit.fill for unit in target.shape.units) and not KNOWN else (
                f"INSERT INTO {name} DEFAULT VALUES{self.returning(target)}")
        key, bucket = target.field("id"), target.field("bucket")
        explicit = key is not None and (key.unit.identity is None or self.chance(0.15))
        if self.stored and key and (key.unit.identity == "always" or bucket and key.unit.identity):
            explicit = False
        if self.stored and explicit and bucket:
            return None
        if self.hides_filled(target):
            return None
        fields = [field for field in target.plain if self.chance(0.7) or self.needed(field)]
        fields += [field for field in (bucket,) if field] + ([key] if explicit else [])
        whole = not any(unit.fill for unit in target.shape.units) and not target.is_view and not self.stored and self.chance(0.15)
        if whole:
            columns = target.columns
        else:
            columns = [column for field in fields for column in field.columns]
            rng.shuffle(columns)
        if not columns:
            return None
        form = rng.random()
        if form < 0.45:
            rows = 1
        elif form < 0.75:
            rows = rng.randint(2, 4)
        else:
            rows = 0
        overriding = ""
        if explicit and not self.stored and key.unit.identity in ("always", "default") and self.chance(0.8 if key.unit.identity == "always" else 0.2):
            overriding = " OVERRIDING " + rng.choice(("SYSTEM", "SYSTEM", "USER")) + " VALUE"
        if rows:
            source = "VALUES " + ", ".join("(" + ", ".join(self.new_row(target, columns, fields, key)) + ")" for _ in range(rows))
        else:
            source = self.selected(target, columns, fields, key)
            if source is None:
                return None
        into = "" if whole else " (" + ", ".join(ident(column.name) for column in columns) + ")"
        alias, conflict = None, ""
        if not self.stored and not plain and self.chance(0.3):
            alias, conflict = self.on_conflict(target, key, bucket)
        return (f"INSERT INTO {name}{' AS ' + alias if alias else ''}{into}{overriding} {source}{conflict}"
                + self.returning(target, alias))

    def needed(self, field):
        if field.unit.fill and not KNOWN:
            return True
        if not any(column.notnull and column.default is None for column in field.columns):
            return False
        # NOT NULL is the base's: what is kept there in several columns may be left out.
        return field.owner.domain == "place" or not field.native or self.chance(0.97)

    def hides_filled(self, target):
        return not KNOWN and any(column.unit.fill and column not in target.columns for column in target.shape.columns)

    def new_row(self, target, columns, fields, key, refs=None):
        """One row of values for these columns."""
        self.ticked = False
        values = {}
        for field in target.fields:
            if not any(column in columns for column in field.columns):
                continue
            if field not in fields:
                found = ["DEFAULT" if refs is None else "NULL"] * len(field.columns)
            elif field is key:
                found = [str(self.key_value(target))]
            elif field.unit.role == "bucket":
                found = [str(self.rng.choice((3, 5, 12, 15, 15, self.rng.randint(0, 21))))]
            else:
                found = self.assign(field, refs, volatile=refs is None)
                if self.stored and any(column.default for column in field.columns):
                    # A trigger cannot tell NULL from nothing.
                    found = field.images(self.base, DOMAINS[field.owner.domain].literal(self.rng))
                if refs is not None:
                    other = "ROW(1, 'd')" if field.owner.domain == "place" and field.native else "NULL"
                    found = [other if value == "DEFAULT" else value for value in found]
                    found = [in_base(self.base, f"({value})::{column.type}") for value, column in zip(found, field.columns)]
            values.update(zip(field.columns, found))
        return [values.get(column, "DEFAULT") for column in columns]

    def key_value(self, target):
        draw = self.rng.random()
        if draw < 0.6 or target.shape.role("bucket") or self.steady and not self.live.get(target.shape):
            return self.next_id()
        return self.row(target)[0] if target.shape.key and self.live.get(target.shape) else self.next_id()

    def selected(self, target, columns, fields, key):
        """INSERT ... SELECT; over rows of the table itself only where that makes no new row's key equal."""
        rng, shape = self.rng, target.shape
        refs = shape.refs("s") if self.chance(0.6) else {}
        if any(column.unit.role == "generated" or column not in [c for f in fields for c in f.columns] for column in columns):
            return None
        row = self.new_row(target, columns, fields, key, refs)
        items = ", ".join(f"{value} AS c{number}" for number, value in enumerate(row))
        if not refs:
            return f"SELECT {items}"
        role = shape.role("id")
        order = f"s.{ident(role.name)}"
        few = f"{order} IN ({', '.join(str(self.row(target)[0]) for _ in range(2))})"
        if not shape.key:
            few = f"{order} = -1"
        return f"SELECT {items} FROM {ident(shape.name)} AS s WHERE {few} ORDER BY {order}"

    def on_conflict(self, target, key, bucket):
        rng = self.rng
        keys = [[field for field in (key, bucket) if field]] if key and target.shape.key and (bucket or not target.shape.role("bucket")) else []
        for unit in target.shape.units:
            if unit.unique:
                parts = [field for field in target.fields if field.unit is unit]
                if sum(len(part.columns) for part in parts) == len(target.shape.cut(unit)):
                    keys.append(parts)
        if not keys or self.chance(0.15):
            return None, " ON CONFLICT DO NOTHING"
        names = [ident(column.name) for part in rng.choice(keys) for column in part.columns]
        clause = f" ON CONFLICT ({', '.join(names)}) DO"
        if self.chance(0.3) or not target.plain:
            return None, clause + " NOTHING"
        alias = "o"
        sets = []
        for field in rng.sample(target.plain, rng.randint(1, min(2, len(target.plain)))):
            refs = target.refs(rng.choice(("EXCLUDED", alias)))
            values = self.assign(field, refs)
            sets += [f"{ident(column.name)} = {value}" for column, value in zip(field.columns, values)]
        where = ""
        if self.chance(0.3):
            where = " WHERE " + self.condition(target, rng.choice((alias, "EXCLUDED")))[0]
        return alias, f"{clause} UPDATE SET {', '.join(sets)}{where}"

    def sets(self, target, refs, single, volatile=True):
        """The assignments of an UPDATE."""
        self.ticked = False
        rng, parts = self.rng, []
        for field in rng.sample(target.plain, min(len(target.plain), rng.choice((1, 1, 2, 3)))):
            column = field.columns[0]
            if field.native and field.owner.domain == "ints" and self.chance(0.6):
                parts.append(rng.choice((
                    f"{ident(column.name)}[2] = {rng.randint(0, 9)}, {ident(column.name)}[{rng.randint(3, 5)}] = 1",
                    f"{ident(column.name)}[{rng.randint(1, 3)}] = {rng.choice(('NULL', '5'))}",
                    f"{ident(column.name)}[1:2] = '{{8,8}}'")))
                continue
            if field.native and field.owner.domain == "place" and self.chance(0.6):
                parts.append(rng.choice((f"{ident(column.name)}.x = {rng.randint(0, 9)}", f"{ident(column.name)}.y = 'why'",
                                         f"{ident(column.name)}.y = 'z', {ident(column.name)}.x = NULL")))
                continue
            values = self.assign(field, refs, volatile=volatile and single and not self.stored, multiple=not single)
            names = [ident(column.name) for column in field.columns]
            form = rng.random()
            if form < 0.25 and "DEFAULT" not in values:
                typed = ", ".join(in_base(self.base, f"({value})::{column.type}" if value == "NULL" else value)
                                  for value, column in zip(values, field.columns))
                if not any("nextval" in value or value.startswith("'") for value in values) and not any(
                        value == "NULL" for value in values):
                    parts.append(f"({', '.join(names)}) = (SELECT {typed})")
                    continue
            if form < 0.4 and len(names) > 1:
                parts.append(f"({', '.join(names)}) = {'ROW' if self.chance(0.5) else ''}({', '.join(values)})")
                continue
            parts += [f"{name} = {value}" for name, value in zip(names, values)]
        return parts

    def update(self, target=None):
        rng, target = self.rng, target or self.target()
        name, alias = ident(target.name), rng.choice((None, "u"))
        if not target.plain:
            return None
        key = target.field("id")
        if key and target.shape.key and self.chance(0.12):
            return self.update_from(target, key)
        condition, single = self.condition(target, alias)
        sets = self.sets(target, target.refs(alias), single)
        bucket = target.field("bucket")
        if bucket and self.chance(0.15):
            sets.append(f"{ident(bucket.columns[0].name)} = {rng.choice((3, 13, 15, 25))}")
        if key and not self.steady and single and self.chance(0.1) and key.unit.identity != "always":
            sets.append(f"{ident(key.columns[0].name)} = {self.next_id()}")
        if self.chance(0.06):
            # An object mapper that writes all columns back.
            sets = [f"{ident(column.name)} = {target.refs(alias)[column.node]}" for field in target.plain for column in field.columns]
        return f"UPDATE {name}{' AS ' + alias if alias else ''} SET {', '.join(sets)} WHERE {condition}{self.returning(target, alias)}"

    def update_from(self, target, key):
        rng, alias = self.rng, "u"
        column = ident(key.columns[0].name)
        sets = self.sets(target, target.refs(alias), False, False)
        if self.chance(0.5):
            rows = {self.row(target)[0] for _ in range(3)}
            values = ", ".join(f"({row}, {number})" for number, row in enumerate(sorted(rows)))
            return (f"UPDATE {ident(target.name)} AS u SET {', '.join(sets)} FROM (VALUES {values}) AS v (k, n)"
                    f" WHERE u.{column} = v.k{self.returning(target, alias, ('v.n',))}")
        other = rng.choice(self.version.shapes)
        if not other.key or other.role("bucket"):
            return None
        role = ident(other.role("id").name)
        return (f"UPDATE {ident(target.name)} AS u SET {', '.join(sets)} FROM {ident(other.name)} AS v"
                f" WHERE u.{column} = v.{role} AND v.{role} < 12{self.returning(target, alias, (f'v.{role} AS vr',))}")

    def delete(self, target=None):
        rng, target = self.rng, target or self.target()
        rows, name = self.live.get(target.shape) or [], ident(target.name)
        if len(rows) < 3:
            return None
        key = target.field("id")
        if key and self.chance(0.25):
            value = f"(SELECT max({ident(target.shape.role('id').name)}) FROM {ident(target.shape.name)})"
            return (f"DELETE FROM {name} AS d USING (VALUES ({self.row(target)[0]})) AS v (k) WHERE d.{ident(key.columns[0].name)} = v.k"
                    f" OR d.{ident(key.columns[0].name)} = {value} AND v.k > 3{self.returning(target, 'd')}")
        condition, single = self.condition(target)
        if not single and (len(rows) < 12 or condition == "true"):
            return None
        return f"DELETE FROM {name} WHERE {condition}{self.returning(target)}"

    def ctes(self):
        rng = self.rng
        if len(self.version.shapes) > 1 and self.chance(0.5):
            shapes = rng.sample(self.version.shapes, 2)
        else:
            shapes = [rng.choice(self.version.shapes)]
        parts = []
        for number, shape in enumerate(shapes):
            made = rng.choice((self.insert, self.update, self.delete))(target=Target(shape.name, shape, shape.columns))
            if made is None:
                return None
            if " RETURNING " not in made:
                made += " RETURNING *"
            parts.append(f"w{number} AS ({made})")
        if self.chance(0.3) and shapes[0].key:
            return f"WITH {', '.join(parts)} SELECT w0.*, o.* FROM w0, {ident(shapes[0].name)} AS o WHERE o.{ident(shapes[0].role('id').name)} < 5"
        return f"WITH {', '.join(parts)} SELECT * FROM w0" + (", w1" if len(parts) > 1 else "")

    def copy_from(self):
        rng, target = self.rng, self.target()
        if target.is_view:
            return None
        if any(self.needed(field) for field in target.plain if not field.native or field.owner.domain == "place"):
            return None
        key, bucket = target.field("id"), target.field("bucket")
        fields = [field for field in target.plain if field.native and field.owner.domain not in ("place",)
                  and (self.chance(0.8) or self.needed(field))]
        fields += [field for field in (bucket,) if field]
        if key.unit.identity is None or self.chance(0.3):
            fields.append(key)
        if not fields:
            return None
        csv, lines = self.chance(0.4), []
        for _ in range(rng.randint(1, 4)):
            cells = []
            for field in fields:
                if field is key:
                    cells.append(str(self.next_id()))
                elif field is bucket:
                    cells.append(str(rng.choice((3, 12))))
                elif self.chance(0.1) and (not self.needed(field)) and not field.columns[0].notnull:
                    cells.append(None)
                else:
                    cells.append(data_of(DOMAINS[field.owner.domain].literal(rng)))
            lines.append(csv_line(cells) if csv else text_line(cells))
        names = ", ".join(ident(field.columns[0].name) for field in fields)
        options = " WITH (FORMAT csv)" if csv else ""
        # Rows left out by WHERE have taken a number from the table's sequence, but none from a version's.
        if key in fields and self.chance(0.3):
            options += f" WHERE {ident(fields[0].columns[0].name)} IS NOT NULL"
        return Statement(f"COPY {ident(target.name)} ({names}) FROM STDIN{options}", data="".join(lines))

    def copy_to(self):
        shape = self.rng.choice(self.version.shapes)
        return None if shape.partitions else Statement(f"COPY {ident(shape.name)} TO STDOUT", data="")

    def cursor(self):
        shape = self.rng.choice(self.version.shapes)
        target = Target(shape.name, shape, shape.columns)
        if not shape.key or not target.plain or shape.partitions or not self.cursors:
            return None
        name = ident(shape.name)
        last = f"DELETE FROM {name} WHERE CURRENT OF cur@SIDE@" if self.chance(0.2) else \
            f"UPDATE {name} SET {', '.join(self.sets(target, target.refs(), True))} WHERE CURRENT OF cur@SIDE@"
        return Statement(f"DECLARE cur@SIDE@ CURSOR FOR SELECT * FROM {name} WHERE {ident(shape.role('id').name)} = {self.row(target)[0]}",
                         "FETCH cur@SIDE@", last + self.returning(target), "CLOSE cur@SIDE@")

    # What outlives a statement.

    def prepare(self):
        """Prepares a statement with parameters; it is run now and, by execute(), later."""
        rng, target = self.rng, self.target()
        native = [field for field in target.plain if field.native]
        if not native or not target.field("id") or len(self.version.prepared) > 12:
            return None
        self.counter += 1
        name = f"p{self.version.name}_{self.counter}_@SIDE@"
        key = ident(target.field("id").columns[0].name)
        chosen = rng.sample(native, rng.randint(1, min(3, len(native))))
        kinds = [field.columns[0].type for field in chosen]
        names = [ident(field.columns[0].name) for field in chosen]
        form = rng.choice(("update", "update", "insert", "delete"))
        if form == "update":
            body = f"UPDATE {ident(target.name)} SET " + ", ".join(f"{n} = ${i + 2}" for i, n in enumerate(names)) + f" WHERE {key} = $1"
        elif form == "delete":
            body = f"DELETE FROM {ident(target.name)} WHERE {key} = $1 AND {names[0]} = $2"
        else:
            must = [field for field in target.fields if not field.native and self.needed(field)]
            if must or target.field("bucket") or self.hides_filled(target):
                return None
            chosen = [field for field in native if field in chosen or self.needed(field)]
            kinds, names = [f.columns[0].type for f in chosen], [ident(f.columns[0].name) for f in chosen]
            body = f"INSERT INTO {ident(target.name)} ({', '.join([key] + names)}) OVERRIDING SYSTEM VALUE VALUES ($1, " + ", ".join(
                f"${i + 2}" for i in range(len(names))) + ")"
        kinds = [in_base(self.base, kind) for kind in ["bigint"] + kinds]
        entry = (name, target, form, chosen)
        self.version.prepared.append(entry)
        return Statement(f"PREPARE {name} ({', '.join(kinds)}) AS {body}{self.returning(target)}", self.execution(entry),
                         keeps=(self.version.prepared, entry))

    def execution(self, entry):
        name, target, form, chosen = entry
        values = [in_base(self.base, f"({DOMAINS[field.owner.domain].literal(self.rng)})::{field.columns[0].type}")
                  if field.owner.domain in ("place", "pair", "word") or self.chance(0.85) else "NULL" for field in chosen]
        key = self.next_id() if form == "insert" else self.row(target)[0]
        return f"EXECUTE {name} ({', '.join([str(key)] + values)})"

    def execute(self):
        if not self.version.prepared:
            return None
        entry = self.rng.choice(self.version.prepared)
        if entry[2] == "delete" and len(self.live.get(entry[1].shape) or []) < 5:
            return None
        return self.execution(entry)

    def block(self):
        made = self.rng.choice((self.insert, self.update, self.delete))()
        if not isinstance(made, str) or " RETURNING " in made:
            return None
        return f"DO $do$ BEGIN {made}; END $do$"

    def atomic(self):
        """A function whose body the server stores analyzed: the version's trigger writes for it."""
        self.stored = True
        try:
            shape = self.rng.choice(self.version.shapes)
            forms = (self.insert, self.update, self.update, self.delete) if shape.key else (self.insert,)
            made = self.rng.choice(forms)(target=Target(shape.name, shape, shape.columns))
        finally:
            self.stored = False
        if made is None or len(self.version.functions) > 6:
            return None
        self.counter += 1
        name = f"f{self.counter}"
        if self.chance(0.5):
            self.version.functions.append(name)
            return Statement(f"CREATE FUNCTION {name}() RETURNS void LANGUAGE sql BEGIN ATOMIC {made}; END", f"SELECT {name}()",
                             keeps=(self.version.functions, name))
        return Statement(f"CREATE FUNCTION {name}() RETURNS void LANGUAGE sql BEGIN ATOMIC {made}; END", f"SELECT {name}()",
                         f"DROP FUNCTION {name}")

    def call(self):
        """Runs a function stored earlier. It may use a key again that was deleted meanwhile."""
        if not self.version.functions:
            return None
        self.reused = True
        return f"SELECT {self.rng.choice(self.version.functions)}()"

    def merge(self):
        rng, shape = self.rng, self.rng.choice(self.version.shapes)
        target = self.target(shape)
        key = target.field("id")
        if not key or not shape.key or not target.plain or shape.role("bucket"):
            return None
        column = ident(key.columns[0].name)
        rows = sorted({self.row(target)[0] for _ in range(3)} | {self.next_id()})
        source = ", ".join(f"({row}, {rng.randint(0, 9)})" for row in rows)
        clauses = []
        if self.chance(0.3):
            clauses.append(f"WHEN MATCHED AND v.n = {rng.randint(0, 9)} THEN " + rng.choice(("DELETE", "DO NOTHING")))
        sets = self.sets(target, target.refs("m"), False, False)
        clauses.append(f"WHEN MATCHED THEN UPDATE SET {', '.join(sets)}")
        fields = [field for field in target.plain if self.chance(0.7) or self.needed(field)]
        values = [value for field in fields for value in self.assign(field)]
        names = [ident(column.name) for field in fields for column in field.columns]
        override = " OVERRIDING SYSTEM VALUE" if key.unit.identity == "always" else ""
        clauses.append(f"WHEN NOT MATCHED THEN INSERT ({', '.join([column] + names)}){override} VALUES ({', '.join(['v.k'] + values)})")
        text = f"MERGE INTO {ident(target.name)} AS m USING (VALUES {source}) AS v (k, n) ON m.{column} = v.k {' '.join(clauses)}"
        if self.chance(0.5):
            text += " RETURNING merge_action(), m.*"
        return text


def data_of(text):
    """The characters of a literal."""
    if text.startswith("'"):
        return text[1:text.rindex("'")].replace("''", "'")
    return text


def text_line(cells):
    return "\t".join("\\N" if cell is None else cell.replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n")
                     for cell in cells) + "\n"


def csv_line(cells):
    return ",".join("" if cell is None else '"' + cell.replace('"', '""') + '"' for cell in cells) + "\n"
