"""The frame of a Python program for twins.py: plays rounds, prints results."""
import datetime
import decimal
import os
import sys


def plain(value):
    """A result as text that does not depend on the driver's classes."""
    if isinstance(value, (list, tuple)) or hasattr(value, "_mapping"):
        return "(" + ", ".join(plain(item) for item in value) + ")"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {plain(value[key])}" for key in sorted(value)) + "}"
    if isinstance(value, (decimal.Decimal, datetime.date, datetime.datetime)):
        return str(value)
    return repr(value)


def sqlstate(error):
    """The SQLSTATE at the bottom of an ORM's exception, and its class."""
    cause = error
    while cause is not None:
        state = getattr(cause, "sqlstate", None) or getattr(cause, "pgcode", None)
        if state:
            if os.environ.get("ROUNDS_VERBOSE"):
                print(f"# {cause}")
            return f"{type(error).__name__} {state}"
        cause = getattr(cause, "orig", None) or cause.__cause__
    return type(error).__name__ if not os.environ.get("ROUNDS_VERBOSE") else repr(error)


def show(label, *values):
    print(f"{label}: {' '.join(plain(value) for value in values)}")


def serve(play):
    """Plays a round for every number on standard input; an error ends the round, not the program."""
    for line in sys.stdin:
        try:
            play(int(line))
        except Exception as error:  # the other program has to fail in the same way
            print(f"round {line.strip()} ended: {sqlstate(error)}: {str(error).splitlines()[0] if str(error) else ''}")
        print("==", flush=True)
