"""What the test knows of a base schema and its versions: columns, what became of them, and the shapes of versions.

A column is a node. When it gives way to others (a type change, a split) these are its children; the leaves are what
the base has. A version shows a cut through each tree, so what one version shows can be computed from what another does.
"""
def ident(name):
    return '"' + name.replace('"', '""') + '"'


class Node:
    def __init__(self, column_type, domain, name, notnull=False, default=None):
        self.type, self.domain, self.name = column_type, domain, name
        self.notnull, self.default = notnull, default
        self.parent, self.number, self.step, self.children = None, 0, None, []

    def give_way(self, step, children):
        self.step, self.children = step, children
        for number, child in enumerate(children):
            child.parent, child.number = self, number

    def leaves(self):
        return [leaf for child in self.children for leaf in child.leaves()] if self.children else [self]

    def root(self):
        return self.parent.root() if self.parent else self


def value_of(node, shown):
    """The node's value as SQL where `shown` says how others are reached; None if it cannot be computed."""
    down = value_from_children(node, shown)
    if down is not None:
        return down
    above = node.parent and value_of_ancestor(node.parent, shown)
    return None if above is None else f"({node.parent.step.up[node.number].format(above)})"


def value_of_ancestor(node, shown):
    if node in shown:
        return shown[node]
    above = node.parent and value_of_ancestor(node.parent, shown)
    return None if above is None else f"({node.parent.step.up[node.number].format(above)})"


def value_from_children(node, shown):
    if node in shown:
        return shown[node]
    values = [value_from_children(child, shown) for child in node.children]
    if not values or None in values:
        return None
    return f"({node.step.down.format(*values)})"


def image_of(node, value, above=None):
    """The SQL of the node's value when `above`, by default its root, has `value`."""
    if node is above or node.parent is None:
        return value
    return f"({node.parent.step.up[node.number].format(image_of(node.parent, value, above))})"


class Field:
    """Columns of a shape that are written together, and the node that has values of its own."""

    def __init__(self, owner, columns, unit):
        self.owner, self.columns, self.unit = owner, columns, unit
        self.native = columns[0].node is owner

    def value(self, refs):
        return value_of(self.owner, refs)

    def images(self, base, value):
        """The columns' values when the owner has `value`."""
        if self.native:
            return [in_base(base, value)]
        value = f"({value})::{self.owner.type}"
        return [in_base(base, image_of(column.node, value, self.owner)) for column in self.columns]


def fields_of(columns):
    """The fields among these columns; those that are there in part only are left out."""
    fields = {}
    for column in columns:
        owner = column.node
        while owner.domain is None:
            owner = owner.parent
        if column.unit.role != "generated":
            fields.setdefault(owner, []).append(column)
    return [Field(owner, found, found[0].unit) for owner, found in fields.items()]


class Unit:
    """A column as it was made, with what holds for it whatever becomes of it."""

    def __init__(self, root, role=""):
        self.root, self.role, self.name = root, role, root.name  # role: "id", "bucket", "generated" or ""
        self.identity = None               # "always", "default", "serial"
        self.unique = False
        self.check = None                  # a template over the root
        self.fill = None                   # what inserts get through versions that do not show it
        self.formula = None                # of a generated column: (template, other units' roots)


class Table:
    def __init__(self, name):
        self.name, self.units, self.columns = name, [], []  # columns: leaves in their order
        self.key = True
        self.partitions = []  # (name, "FROM (0) TO (10)"), when partitioned by the bucket
        self.arbiters = []    # indexes made for ON CONFLICT through versions

    def unit_of(self, node):
        root = node.root()
        return next(unit for unit in self.units if unit.root is root)


class Shown:
    """A column of a version: the node, and name and attributes on the day of the publish."""

    def __init__(self, node, unit):
        self.node, self.name, self.type, self.unit = node, node.name, node.type, unit
        self.notnull, self.default = node.notnull, node.default


class Shape:
    """A table as a version shows it."""

    def __init__(self, table):
        self.table, self.name, self.key = table, table.name, table.key
        self.columns = [Shown(node, table.unit_of(node)) for node in table.columns]
        self.partitions = list(table.partitions)
        self.check_units = [unit for unit in table.units if unit.check]
        self.units = []
        for column in self.columns:
            if column.unit not in self.units:
                self.units.append(column.unit)

    def cut(self, unit):
        return [column for column in self.columns if column.unit is unit]

    def refs(self, alias=None):
        """How the nodes it shows are reached in a query over it."""
        prefix = alias + "." if alias else ""
        return {column.node: prefix + ident(column.name) for column in self.columns}

    def role(self, role):
        return next((column for column in self.columns if column.unit.role == role), None)

    def plain(self):
        """The columns that can be written."""
        return [column for column in self.columns if column.unit.role != "generated"]


class Version:
    def __init__(self, name, schema, copy, shapes, views):
        self.name, self.schema, self.copy, self.shapes, self.views = name, schema, copy, shapes, views
        self.outer, self.copy_outer = schema + "_on", copy + "_on"  # schemas of views over it
        self.outer_views = []
        self.prepared, self.functions = [], []

    def path(self, copy):
        return f"{ident(self.copy_outer)}, {ident(self.copy)}" if copy else f"{ident(self.outer)}, {ident(self.schema)}"


class View:
    """An updatable view over a table of a version: what it shows, and for which rows."""

    def __init__(self, name, shape, columns, condition, check_option):
        self.name, self.shape, self.columns = name, shape, columns
        self.condition, self.check_option = condition, check_option

    def ddl(self, schema, source=None):
        table = (ident(source) + "." if source else "") + ident(self.shape.name)
        columns = ", ".join(ident(column.name) for column in self.columns)
        return (f"CREATE VIEW {ident(schema)}.{ident(self.name)} AS SELECT {columns} FROM {table}"
                f" WHERE {self.condition}" + (" WITH CHECK OPTION" if self.check_option else ""))


def type_in(base, column_type):
    """Type names are kept with the word base for the base schema."""
    return column_type.replace("base.", ident(base) + ".")


def in_base(base, text):
    for name in ("label", "place", "short"):
        text = text.replace("base." + name, f"{ident(base)}.{name}")
    return text


def create_table(base, schema, shape):
    """The statements that make a plain table of this shape, with all that holds for it."""
    items, refs = [], shape.refs()
    for column in shape.columns:
        unit, column_type = column.unit, type_in(base, column.type)
        words = [ident(column.name), column_type]
        if unit.identity == "serial":
            words[1] = {"integer": "serial", "bigint": "bigserial"}[column.type]
        elif unit.identity:
            words.append(f"GENERATED {'ALWAYS' if unit.identity == 'always' else 'BY DEFAULT'} AS IDENTITY")
        if unit.role == "generated":
            template, inputs = unit.formula
            words.append(f"GENERATED ALWAYS AS ({template.format(*(refs[root] for root in inputs))}) STORED")
        elif column.default is not None and not unit.identity:
            words.append(f"DEFAULT {in_base(base, column.default)}")
        if column.notnull:
            words.append("NOT NULL")
        items.append(" ".join(words))
    bucket, key = shape.role("bucket"), shape.role("id")
    if shape.key:
        items.append("PRIMARY KEY (" + ", ".join(ident(c.name) for c in (key, bucket) if c) + ")")
    for unit in shape.units:
        if unit.unique:
            items.append("UNIQUE (" + ", ".join(ident(c.name) for c in shape.cut(unit)) + ")")
    for unit in shape.check_units:
        items.append(f"CHECK ({in_base(base, unit.check.format(value_of(unit.root, refs)))})")
    name = f"{ident(schema)}.{ident(shape.name)}"
    by = f" PARTITION BY RANGE ({ident(bucket.name)})" if shape.partitions else ""
    statements = [f"CREATE TABLE {name} ({', '.join(items)}){by}"]
    for part, bounds in shape.partitions:
        statements.append(f"CREATE TABLE {ident(schema)}.{ident(part)} PARTITION OF {name} FOR VALUES {bounds}")
    return statements
