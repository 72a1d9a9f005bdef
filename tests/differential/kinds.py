"""What values columns hold: literals and expressions of a domain, as SQL text.

A domain is closed under its own expressions, so that every version of a column can show every value: numbers stay small
enough for smallint, texts short enough for varchar(12). What leaves it on purpose comes from bad().
"""


# What is known to differ is not generated. Set to True to see it.
KNOWN = False


def quoted(text):
    return "'" + text.replace("'", "''") + "'"


class Domain:
    """Values of one sort. `comparable` values have an order that does not depend on the column's type."""

    comparable = True

    def literal(self, rng):
        raise NotImplementedError

    def expression(self, rng, value):
        """An expression over `value`, itself an expression of the domain that may be NULL."""
        return self.literal(rng)

    def bad(self, rng, column_type):
        """A value that a column of this type cannot take, or None."""
        return None


class Int(Domain):
    def literal(self, rng):
        return str(rng.choice((0, 1, 7, 10, -3, rng.randint(-99, 99), rng.randint(0, 30))))

    def expression(self, rng, value):
        return rng.choice((
            f"({value} + {rng.randint(1, 9)}) % 100",
            f"-{value}",
            f"abs({value})",
            f"CASE WHEN {value} > 3 THEN {self.literal(rng)} ELSE {value} END",
            f"coalesce({value}, {self.literal(rng)})",
            f"nullif({value}, {self.literal(rng)})",
        ))

    def bad(self, rng, column_type):
        if column_type in ("smallint", "integer"):
            return {"smallint": "40000", "integer": "3000000000"}[column_type]
        return "'many'" if column_type == "bigint" else None


class Text(Domain):
    words = ("", "a", "b|c", "Zoë", "it's", " x ", 'q"q', "\\n", "NULL", "100%", "ĳ|", "abcdefghijkl")

    def literal(self, rng):
        return quoted(rng.choice((rng.choice(self.words), f"w{rng.randint(0, 40)}")))

    def expression(self, rng, value):
        return rng.choice((
            f"left({value} || {self.literal(rng)}, 12)",
            f"upper({value})",
            f"reverse({value})",
            f"coalesce({value}, {self.literal(rng)})",
            f"nullif({value}, {self.literal(rng)})",
            f"left(md5({value}), 5)",
            f"substr({value}, 2)",
        ))

    def bad(self, rng, column_type):
        return "'too long for twelve'" if column_type.endswith("(12)") else None


class Word(Text):
    """Half of a pair: no '|' in it."""

    words = ("", "a", "Zoë", "it's", " x ", 'q"q')

    def expression(self, rng, value):
        return rng.choice((f"upper({value})", f"left({value} || 'z', 6)", f"coalesce({value}, {self.literal(rng)})"))

    def bad(self, rng, column_type):
        return "NULL"


class Pair(Domain):
    """Two words around one '|'; never null."""

    def literal(self, rng):
        word = Word()
        return quoted("|".join(word.literal(rng)[1:-1].replace("''", "'") for _ in range(2)))

    def expression(self, rng, value):
        return rng.choice((f"upper({value})", f"reverse({value})", f"left(split_part({value}, '|', 1), 6) || '|k'",
                           f"'k|' || split_part({value}, '|', 1)"))

    def bad(self, rng, column_type):
        return "NULL"


class Bool(Domain):
    def literal(self, rng):
        return rng.choice(("true", "false"))

    def expression(self, rng, value):
        return rng.choice((f"NOT {value}", f"{value} IS NULL", f"coalesce({value}, {self.literal(rng)})"))

    def bad(self, rng, column_type):
        return "'perhaps'"


class Money(Domain):
    def literal(self, rng):
        return f"{rng.randint(-500, 9999)}.{rng.randint(0, 99):02d}"

    def expression(self, rng, value):
        return rng.choice((f"round({value} * 0.5, 2)", f"{value} % 100", f"-{value}", f"coalesce({value}, 1.50)"))

    def bad(self, rng, column_type):
        return "12345678.90" if column_type == "numeric(8,2)" else None


class Date(Domain):
    def literal(self, rng):
        return f"'{rng.randint(1990, 2030)}-{rng.randint(1, 12):02d}-{rng.randint(1, 28):02d}'::date"

    def expression(self, rng, value):
        return rng.choice((f"{value} + {rng.randint(-9, 9)}", f"coalesce({value}, {self.literal(rng)})"))

    def bad(self, rng, column_type):
        return "'2001-02-30'"


class Timestamp(Domain):
    def literal(self, rng):
        return (f"'{rng.randint(1990, 2030)}-{rng.randint(1, 12):02d}-{rng.randint(1, 28):02d} "
                f"{rng.randint(0, 23):02d}:30:01.25'::timestamp")

    def expression(self, rng, value):
        return rng.choice((f"{value} + interval '{rng.randint(-9, 9)} hours'", f"coalesce({value}, {self.literal(rng)})"))


class Real(Domain):
    def literal(self, rng):
        return rng.choice(("0.5", "-1.25", "3", "1e10", "0.125"))

    def expression(self, rng, value):
        return rng.choice((f"-{value}", f"abs({value})"))


class Json(Domain):
    def literal(self, rng):
        return quoted(rng.choice(("{}", '{"a": 1}', '[1, "x"]', "null", '"s"', '{"b": [true]}'))) + "::jsonb"

    def expression(self, rng, value):
        return rng.choice((f"{value} || '{{\"c\": 2}}'::jsonb", f"jsonb_build_array({value})",
                           f"coalesce({value}, '{{}}'::jsonb)"))

    def bad(self, rng, column_type):
        return "'{'"


class Uuid(Domain):
    def literal(self, rng):
        return f"'00000000-0000-0000-0000-0000000000{rng.randint(10, 99)}'::uuid"

    def bad(self, rng, column_type):
        return "'no-uuid'"


class Labels(Domain):
    """An enum of the base schema; its order is not that of the labels' texts."""

    comparable = False

    def literal(self, rng):
        return rng.choice(("'zero'", "'one'", "'two'"))

    def expression(self, rng, value):
        return f"CASE {value} WHEN 'zero' THEN 'one' ELSE {value} END"

    def bad(self, rng, column_type):
        return "'three'"


class Array(Domain):
    comparable = False

    def __init__(self, element):
        self.element = element

    def literal(self, rng):
        return rng.choice(("'{}'", "'{1,2,3}'", "'{NULL,5}'", "'{7}'", "'[2:3]={8,9}'"))

    def expression(self, rng, value):
        return rng.choice((f"array_append({value}, 4)", f"{value} || {value}[1:2]", f"coalesce({value}, '{{}}')"))

    def bad(self, rng, column_type):
        return "'{1'"


class Place(Domain):
    """A composite type of the base schema with fields x (integer) and y (text); never null as a whole."""

    comparable = False

    def literal(self, rng):
        x, y = rng.choice(("NULL", rng.randint(0, 9))), rng.choice(("NULL", "'y'", "'it''s'"))
        return f"ROW({x}, {y})"

    def expression(self, rng, value):
        return f"ROW(({value}).x + 1, upper(({value}).y))"


DOMAINS = {
    "int": Int(), "text": Text(), "word": Word(), "pair": Pair(), "bool": Bool(), "money": Money(), "date": Date(),
    "timestamp": Timestamp(), "real": Real(), "json": Json(), "uuid": Uuid(), "labels": Labels(), "ints": Array("int"),
    "place": Place(),
}

# How a table may begin: domain and type of a column.
STARTS = (
    ("int", "integer"), ("int", "integer"), ("int", "smallint"), ("int", "bigint"), ("int", "numeric"),
    ("text", "text"), ("text", "text"), ("text", "varchar(12)"), ("text", "base.short"), ("pair", "text"), ("pair", "text"),
    ("bool", "boolean"), ("money", "numeric(8,2)"), ("date", "date"), ("timestamp", "timestamp"), ("real", "real"),
    ("json", "jsonb"), ("uuid", "uuid"), ("labels", "base.label"), ("ints", "integer[]"), ("place", "base.place"),
)


class Step:
    """How a column of type `old` gives way: to one column by ALTER TYPE, or to several by replace_column.

    `children` are (type, domain) of the new columns; a domain of None means that its values follow from the old column's
    only, so that the children are always written together, by `up` of a value of the old one.
    """

    def __init__(self, way, domain, old, children, down, up, strict=True):
        self.way, self.domain, self.old, self.children = way, domain, old, children
        self.down, self.up, self.strict = down, up, strict


def cast(domain, old, new, keeps=True):
    return Step("cast", domain, old, ((new, domain if keeps else None),), "{0}::" + old, ("{0}::" + new,))


def prepare(domain, old, new, down, up):
    return Step("prepare", domain, old, ((new, None),), down, (up,))


def replace(domain, old, children, down, up, strict=True):
    return Step("replace", domain, old, children, down, up, strict)


STEPS = (
    cast("int", "smallint", "integer"), cast("int", "integer", "bigint"), cast("int", "integer", "bigint"),
    cast("int", "integer", "numeric"), cast("int", "bigint", "integer"), cast("int", "numeric", "bigint"),
    cast("int", "bigint", "numeric"), cast("text", "varchar(12)", "text"), cast("text", "text", "varchar(40)"),
    cast("text", "varchar(40)", "text"), cast("text", "base.short", "text"), cast("money", "numeric(8,2)", "numeric"),
    cast("date", "date", "timestamp", False), cast("timestamp", "timestamp", "timestamptz"),
    cast("timestamp", "timestamptz", "timestamp"), cast("real", "real", "double precision", False),
    cast("ints", "integer[]", "bigint[]"), cast("ints", "bigint[]", "numeric[]"), cast("bool", "boolean", "integer", False),
    cast("pair", "text", "varchar(40)"),
    prepare("int", "integer", "text", "{0}::integer", "{0}::text"),
    prepare("bool", "boolean", "text", "{0} = 'yes'", "CASE WHEN {0} THEN 'yes' WHEN NOT {0} THEN 'no' END"),
    prepare("money", "numeric(8,2)", "integer", "({0} / 100.0)::numeric(8,2)", "({0} * 100)::integer"),
    prepare("date", "date", "integer", "'2000-01-01'::date + {0}", "{0} - '2000-01-01'::date"),
    prepare("labels", "base.label", "text", "{0}::base.label", "{0}::text"),
    prepare("uuid", "uuid", "text", "{0}::uuid", "{0}::text"),
    replace("int", "integer", (("integer", None), ("integer", None)), "{0} * 10 + {1}", ("{0} / 10", "{0} % 10")),
    replace("int", "integer", (("integer", "int"),), "- {0}", ("- {0}",)),
    replace("int", "bigint", (("bigint", "int"),), "- {0}", ("- {0}",)),
    replace("text", "text", (("text", None), ("text", None)), "{0} || {1}", ("left({0}, 1)", "substr({0}, 2)")),
    replace("text", "varchar(12)", (("text", None), ("text", None)), "{0} || {1}", ("left({0}, 1)", "substr({0}, 2)")),
    replace("text", "text", (("text", "text"),), "reverse({0})", ("reverse({0})",)),
    replace("text", "text", (("jsonb", None),), "{0} #>> '{{}}'", ("to_jsonb({0})",)),
    replace("pair", "text", (("text", "word"), ("text", "word")), "{0} || '|' || {1}",
            ("split_part({0}, '|', 1)", "split_part({0}, '|', 2)")),
    replace("pair", "text", (("text", "word"), ("text", "word")), "{0} || '|' || {1}",
            ("split_part({0}, '|', 1)", "split_part({0}, '|', 2)")),
    replace("word", "text", (("text", None),), "{0}", ("{0}",)),
    replace("bool", "boolean", (("integer", None),), "{0} <> 0", ("{0}::integer",)),
    replace("place", "base.place", (("integer", "int"), ("text", "text")), "ROW({0}, {1})::base.place",
            ("({0}).x", "({0}).y"), False),
    replace("json", "jsonb", (("text", None),), "{0}::jsonb", ("{0}::text",)),
    replace("ints", "integer[]", (("text", None),), "{0}::integer[]", ("{0}::text",)),
)
