"""What python-dateutil and zoneinfo say about a window."""
import bisect
import datetime
import itertools
import re

from dateutil import rrule

from zones import EPOCH, LAST_YEAR

MICROSECOND = datetime.timedelta(microseconds=1)
SECOND = datetime.timedelta(seconds=1)
# How far rules are followed from their start, in years and occurrences: most of them, and one in forty, because what is
# far from the start is found by arithmetic.
NEAR, FAR = (12, 30), (68, 3000)


def microseconds(at):
    return (at - EPOCH) // MICROSECOND


class _Horizon(Exception):
    pass


class _BoundedInfo(rrule._iterinfo):
    """Ends rules that dateutil would follow to the year 9999 in search of an occurrence."""
    last_year = LAST_YEAR

    def rebuild(self, year, month):
        if year > self.last_year:
            raise _Horizon
        super().rebuild(year, month)


rrule._iterinfo = _BoundedInfo


def for_dateutil(rule):
    """The rule in words that dateutil reads as RFC 5545 means them."""
    # A date is the whole day.
    rule = re.sub(r"UNTIL=(\d{8})(;|$)", r"UNTIL=\1T235959\2", rule)
    # dateutil takes the intersection of weekdays with and without ordinals; it is the union.
    byday = re.search(r"BYDAY=([^;]*)", rule)
    if not byday or not re.search(r"\d", byday[1]):
        return rule
    most = 53 if "FREQ=YEARLY" in rule and "BYMONTH=" not in rule else 5
    days = []
    for day in byday[1].split(","):
        days += [day] if len(day) > 2 else [f"{n}{day}" for n in range(1, most + 1)]
    return rule.replace(byday[0], "BYDAY=" + ",".join(days))


class Reference:
    def __init__(self, window, zone):
        self.window, self.zone = window, zone
        self._find_walls()
        days, elapsed = datetime.timedelta(days=window.days), window.elapsed
        ranges = [(zone.instant(wall), zone.instant(wall + days) + elapsed) for wall in self.walls]
        self.stretches = []
        for begin, end in ranges:
            if begin >= end:
                continue
            if self.stretches and begin <= self.stretches[-1][1]:
                self.stretches[-1][1] = max(end, self.stretches[-1][1])
            else:
                self.stretches.append([begin, end])
        self.begins = [begin for begin, _ in self.stretches]

    def _find_walls(self):
        """Occurrences as wall-clock times, and the instant until which they are all of them."""
        window = self.window
        if window.rule == "-":
            self.walls, self.complete_until = [window.start], datetime.datetime(LAST_YEAR, 1, 1)
            return
        # Aware where UNTIL is in UTC, so that dateutil compares instants.
        aware = "Z" in window.rule.partition("UNTIL=")[2].partition(";")[0]
        start = window.start.replace(tzinfo=self.zone.info) if aware else window.start
        rule = rrule.rrulestr(for_dateutil(window.rule), dtstart=start)
        years, most = FAR if window.far else NEAR
        _BoundedInfo.last_year = min(start.year + years, LAST_YEAR - 1)
        self.walls = []
        horizon = datetime.datetime(LAST_YEAR, 1, 1)
        try:
            for wall in itertools.islice(rule, most):
                self.walls.append(wall.replace(tzinfo=None))
            if len(self.walls) == most:
                horizon = self.zone.instant(self.walls[-1])
        except _Horizon:
            horizon = datetime.datetime(_BoundedInfo.last_year, 12, 31)
        self.complete_until = horizon

    def interesting_instants(self, rng, count):
        return [self._interesting_instant(rng) for _ in range(count)]

    def _interesting_instant(self, rng):
        earliest = self.zone.instant(self.window.start) - datetime.timedelta(days=3)
        latest = max(self.complete_until - datetime.timedelta(days=1), earliest)
        kind = rng.random()
        changes = [change for change, _ in self.zone.changes if earliest < change < latest]
        if kind < 0.5 and self.stretches:
            edge = rng.choice(rng.choice(self.stretches))
            at = edge + rng.choice([-SECOND, -MICROSECOND, datetime.timedelta(0), MICROSECOND, SECOND,
                                    rng.randint(-7200, 7200) * SECOND, -self.window.cutoff])
        elif kind < 0.75 and changes:
            at = rng.choice(changes) + rng.choice([-MICROSECOND, datetime.timedelta(0), SECOND,
                                                   rng.randint(-14400, 14400) * SECOND])
        else:
            end = min(latest, self.walls[-1] + datetime.timedelta(days=400)) if self.walls else latest
            at = earliest + rng.random() * max(end - earliest, SECOND)
        return min(max(at, earliest), latest)

    def differs(self, at, got, broken):
        """Returns what is wrong with the driver's answer at an instant; None: nothing."""
        i = bisect.bisect_right(self.begins, at)
        inside = self.stretches[i - 1] if i and at < self.stretches[i - 1][1] else None
        following = next((s for s in self.stretches[i:] if self._opens(s)), None)
        whole = not inside or inside[1] < self.complete_until
        if broken:
            inside = inside and [inside[0] + MICROSECOND, inside[1]]
        state = "closed"
        if inside:
            state = "open" if at < inside[1] - self.window.cutoff else "closing"
        # Past the horizon there may be more than is known here: the answer must agree as far as is known.
        if whole and got[0] != state or not whole and got[0] == "closed":
            return f"{got[0]}, not {state}"
        if whole and got[1] != self._text(inside):
            return f"now {got[1]}, not {self._text(inside)}"
        if whole and following and following[1] < self.complete_until:
            if got[2] != self._text(following):
                return f"next {got[2]}, not {self._text(following)}"
        elif whole and got[2] != "-":
            begin = EPOCH + int(got[2].split("_")[0]) * MICROSECOND
            expected = following[0] if following else self.complete_until
            if begin < expected:
                return f"next {got[2]}, which dateutil does not have"
        return None

    def _opens(self, stretch):
        return stretch[0] < stretch[1] - self.window.cutoff

    @staticmethod
    def _text(stretch):
        return f"{microseconds(stretch[0])}_{microseconds(stretch[1])}" if stretch else "-"
