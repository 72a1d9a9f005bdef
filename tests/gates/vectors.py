#!/usr/bin/python3
"""Gates in another language: computes what docs/gates.md publishes, from the rule alone.

  vectors.py                 prints the vectors of docs/gates.md
  vectors.py docs/gates.md   checks the vectors there
"""
import hashlib
import re
import sys

VECTORS = [("", "shop", "app"), ("", "shop", "tenant 7"), ("spring", "shop", "tenant 7"), ("", "Order Desk", "tenant 7"),
           ("", "shop", "grüße"), ("salt", "key", "")]


def bucket(salt, key, unit):
    digest = hashlib.sha256(salt.encode() + b"\0" + key.encode() + b"\0" + unit.encode()).digest()
    return int.from_bytes(digest[:8], "big")


def is_candidate(place, weight_ppm):
    return place * 1000000 < weight_ppm << 64


def least_weight(place):
    """The lowest weight at which the unit is in."""
    return (place * 1000000 >> 64) + 1


def table():
    for salt, key, unit in VECTORS:
        place = bucket(salt, key, unit)
        yield f"{salt},{key},{unit},{place},{least_weight(place)}"


def check(lines):
    seen = 0
    for line in lines:
        row = from_document(line)
        if row is None:
            continue
        seen += 1
        salt, key, unit, place, weight, inside = row
        if bucket(salt, key, unit) != place or not inside:
            sys.exit(f"does not agree: {line.strip()}")
    if seen == 0:
        sys.exit("nothing to check")
    print(f"{seen} agree")


def from_document(line):
    """Returns salt, key, unit, bucket, least weight, and whether it is the least; None for other lines."""
    row = re.fullmatch(r"([^,|]*),([^,|]*),([^,|]*),(\d+),(\d+)", line.strip())
    if row is None:
        return None
    salt, key, unit, place, weight = row.groups()
    place, weight = int(place), int(weight)
    return salt, key, unit, place, weight, is_candidate(place, weight) and not is_candidate(place, weight - 1)


if __name__ == "__main__":
    if len(sys.argv) < 2:
        print("\n".join(table()))
    else:
        with open(sys.argv[1], encoding="utf-8") as document:
            check(document)
