#!/usr/bin/env python3
"""Checks exported provenance without the server: nothing but this file and the exported JSON.

    PGCLIENTENCODING=UTF8 psql -XAtc 'SELECT strata.export_provenance()' > chain.jsonl
    verify.py chain.jsonl [--checkpoint FILE]... [--inclusion FILE]... [--consistency FILE]...

A checkpoint is what strata.checkpoint_provenance() returned, kept since. Prints what does not hold
and exits with 1; exits with 0 when all holds. The forms are described in docs/provenance.md.
"""
import argparse
import hashlib
import json
import re
import sys

ZEROS = bytes(32)


def utf8(text):
    """The bytes of a text; also those that were no UTF-8, from a database of encoding SQL_ASCII."""
    return text.encode("utf-8", "surrogateescape")


def sha256(data):
    return hashlib.sha256(data).digest()


def part(value):
    """A netstring without its comma."""
    data = utf8(value) if isinstance(value, str) else value
    return str(len(data)).encode() + b":" + data


def row_digest(row):
    out = part("pg_strata.row.1")
    for name in sorted(row, key=lambda n: n.encode("utf-8")):
        out += part(name) + part(row[name])
    return sha256(out)


def leaf_hash(entry):
    out = part("pg_strata.entry.1")
    for name in ("seq", "kind", "source", "ref", "at", "system_identifier", "timeline"):
        out += part(str(entry[name]))
    out += bytes.fromhex(entry["digest"]) + bytes.fromhex(entry["prev_hash"])
    return sha256(b"\0" + out)


def node_hash(left, right):
    return sha256(b"\1" + left + right)


class Tree:
    """RFC 6962, section 2.1, growing at its right end."""

    def __init__(self):
        self.size = 0
        self.parts = []  # (head, level)

    def add(self, head, level=0):
        self.size += 1 << level
        while self.parts and self.parts[-1][1] == level:
            head, level = node_hash(self.parts.pop()[0], head), level + 1
        self.parts.append((head, level))

    def head(self):
        if not self.parts:
            return sha256(b"")
        out = self.parts[-1][0]
        for head, _ in reversed(self.parts[:-1]):
            out = node_hash(head, out)
        return out


def inclusion_holds(leaf, index, size, path, root):
    """RFC 9162, section 2.1.3.2."""
    if index >= size:
        return False
    node, last, result = index, size - 1, leaf
    for p in path:
        if last == 0:
            return False
        if node & 1 or node == last:
            result = node_hash(p, result)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            result = node_hash(result, p)
        node, last = node >> 1, last >> 1
    return last == 0 and result == root


def consistency_holds(first, first_root, second, second_root, path):
    """RFC 9162, section 2.1.4.2."""
    if not 0 < first <= second:
        return False
    if first == second:
        return not path and first_root == second_root
    path = list(path)
    if first & (first - 1) == 0:
        path.insert(0, first_root)
    if not path:
        return False
    node, last = first - 1, second - 1
    while node & 1:
        node, last = node >> 1, last >> 1
    of_first = of_second = path[0]
    for p in path[1:]:
        if last == 0:
            return False
        if node & 1 or node == last:
            of_first, of_second = node_hash(p, of_first), node_hash(p, of_second)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            of_second = node_hash(of_second, p)
        node, last = node >> 1, last >> 1
    return last == 0 and of_first == first_root and of_second == second_root


def described(text):
    """Names and digests of the definitions in an object of them, as they were written."""
    decoder, at, out = json.JSONDecoder(), text.index("{"), []
    while True:
        at = re.compile(r"[\s{,]*").match(text, at).end()
        if text[at] == "}":
            return out
        name, at = decoder.raw_decode(text, at)
        begin = re.compile(r"\s*:\s*").match(text, at).end()
        _, at = decoder.raw_decode(text, begin)
        out.append({"name": name, "digest": {"sha256": sha256(utf8(text[begin:at])).hex()}})


class Verifier:
    def __init__(self):
        self.problems = []
        self.roots = {}  # by size
        self.hashes = {}  # by seq
        self.count = 0

    def say(self, seq, problem):
        self.problems.append((seq, problem))

    def begin(self, statements):
        """Returns the tree, and the hash the first entry follows; what was pruned is in a tombstone."""
        first = statements[0]["predicate"]["entry"]["seq"] if statements else 1
        tree = Tree()
        if first == 1:
            return tree, ZEROS
        for statement in statements:
            row = statement["predicate"]["row"]
            if statement["predicate"]["entry"]["kind"] != "tombstone" or not row:
                continue
            body = json.loads(row["body"])
            if body["seq"] != first - 1:
                continue
            subtrees = [bytes.fromhex(h) for h in re.findall("[0-9a-f]{64}", body["subtrees"])]
            levels = [n for n in range(62, -1, -1) if body["seq"] >> n & 1]
            if len(levels) != len(subtrees):
                self.say(body["seq"], "the tombstone has not one subtree for each bit of its seq")
                continue
            for head, level in zip(subtrees, levels):
                tree.add(head, level)
            if tree.head().hex() != body["root"]:
                self.say(body["seq"], "the tombstone's subtrees do not make up its root")
            return tree, bytes.fromhex(body["last_hash"])
        self.say(first, "the export begins here, and no tombstone says what was before")
        return None, None

    def statement(self, statement):
        """What is shown beside the entry must be what the entry says."""
        predicate = statement["predicate"]
        entry, row = predicate["entry"], predicate["row"]
        seq = entry["seq"]
        if statement["_type"] != "https://in-toto.io/Statement/v1":
            self.say(seq, "no in-toto Statement v1")
        if statement["subject"][0]["digest"]["sha256"] != entry["digest"]:
            self.say(seq, "the subject's digest is not the entry's")
        if row is None:
            self.say(seq, "the row of the entry is missing")
            return
        if row_digest(row).hex() != entry["digest"]:
            self.say(seq, "the row is not the one that was recorded")
        build = predicate["buildDefinition"]
        for column, shown in (("after", statement["subject"][1:]), ("before", build["resolvedDependencies"])):
            if shown != (described(row[column]) if column in row else []):
                self.say(seq, f"the definitions {column} are shown otherwise than in the row")
        for shown in (build["externalParameters"], build["internalParameters"]):
            for name, value in shown.items():
                if name in row and row[name] != value:
                    self.say(seq, f"{name} is shown otherwise than in the row")

    def chain(self, statements):
        tree, prev = self.begin(statements)
        if tree:
            self.roots[tree.size] = tree.head()
        expected = statements[0]["predicate"]["entry"]["seq"] if statements else 1
        for statement in statements:
            entry = statement["predicate"]["entry"]
            seq = entry["seq"]
            if seq != expected:
                self.say(seq, f"entry {expected} was expected here")
                tree = prev = None
            if prev is not None and bytes.fromhex(entry["prev_hash"]) != prev:
                self.say(seq, "the entry does not follow the one before")
            leaf = leaf_hash(entry)
            if leaf.hex() != entry["hash"]:
                self.say(seq, "the entry was edited")
            self.statement(statement)
            if tree is not None:
                tree.add(leaf)
                self.roots[seq] = tree.head()
            self.hashes[seq] = leaf
            prev, expected = bytes.fromhex(entry["hash"]), seq + 1
            self.count += 1

    def checkpoint(self, kept):
        root = self.roots.get(kept["seq"])
        if kept["seq"] == 0:
            root = sha256(b"")
        if root is None:
            self.say(kept["seq"], "the checkpoint is of entries that the export does not have")
        elif root.hex() != kept["root"]:
            self.say(kept["seq"], f"the first {kept['seq']} entries are not those of the checkpoint")

    def inclusion(self, proof):
        path = [bytes.fromhex(h) for h in proof["path"]]
        leaf = self.hashes.get(proof["seq"], bytes.fromhex(proof["hash"]))
        root = self.roots.get(proof["tree_size"], bytes.fromhex(proof["root"]))
        if proof["leaf_index"] != proof["seq"] - 1 or not inclusion_holds(
                leaf, proof["leaf_index"], proof["tree_size"], path, root):
            self.say(proof["seq"], "the inclusion proof does not hold")

    def consistency(self, proof):
        path = [bytes.fromhex(h) for h in proof["path"]]
        first = self.roots.get(proof["from"], bytes.fromhex(proof["from_root"]))
        second = self.roots.get(proof["to"], bytes.fromhex(proof["to_root"]))
        if not consistency_holds(proof["from"], first, proof["to"], second, path):
            self.say(proof["to"], "the consistency proof does not hold")


def objects(name):
    """JSON values, one after the other."""
    with open(name if name != "-" else 0, encoding="utf-8", errors="surrogateescape") as file:
        text = file.read()
    decoder, at, out = json.JSONDecoder(), 0, []
    while True:
        while at < len(text) and text[at].isspace():
            at += 1
        if at == len(text):
            return out
        value, at = decoder.raw_decode(text, at)
        out.extend(value if isinstance(value, list) else [value])


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("chain", nargs="?", help="exported statements; - for standard input")
    for name in ("checkpoint", "inclusion", "consistency"):
        parser.add_argument("--" + name, action="append", default=[], metavar="FILE")
    given = parser.parse_args()
    verifier = Verifier()
    if given.chain:
        verifier.chain(objects(given.chain))
    for name in ("checkpoint", "inclusion", "consistency"):
        for file in getattr(given, name):
            for value in objects(file):
                getattr(verifier, name)(value)
    for seq, problem in verifier.problems:
        print(f"{seq}: {problem}")
    if not verifier.problems:
        print(f"intact: {verifier.count} entries")
    return 1 if verifier.problems else 0


if __name__ == "__main__":
    sys.exit(main())
