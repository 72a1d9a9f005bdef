"""Random change windows."""
import dataclasses
import datetime

from zones import EPOCH

DAYS = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"]
MICROSECOND = datetime.timedelta(microseconds=1)


@dataclasses.dataclass
class RandomWindow:
    rule: str          # "-": none
    start: datetime.datetime
    days: int          # of the duration
    elapsed: datetime.timedelta
    cutoff: datetime.timedelta
    far: bool          # looked at far from its start

    def line(self):
        return (f"{self.rule} {(self.start - EPOCH) // MICROSECOND} {self.days} {self.elapsed // MICROSECOND} "
                f"{self.cutoff // MICROSECOND}")


def random_window(rng, zone):
    start = datetime.datetime(rng.randint(1994, 2036), rng.randint(1, 12), rng.randint(1, 28),
                              rng.choice([0, 0, 1, 2, 3, rng.randint(0, 23)]), rng.choice([0, 0, 15, 30, 59]))
    if zone.changes and rng.random() < 0.5:
        # Near a change of the clock, so that rules with few occurrences meet one, and at its time of day: what the wall
        # shows within the hour before or after it is skipped or repeated.
        change, _ = rng.choice(zone.changes)
        wall = change + zone.offset(change) + datetime.timedelta(minutes=rng.choice([-60, -30, -1, 0, 30]))
        if rng.random() < 0.5:
            wall = wall.replace(hour=start.hour, minute=start.minute)
        wall -= datetime.timedelta(days=rng.choice([0, 7, 14, rng.randint(0, 40)]))
        if 1994 <= wall.year <= 2036:
            start = wall.replace(second=0)
    days, elapsed = random_duration(rng)
    whole = datetime.timedelta(days=days) + elapsed
    cutoff = datetime.timedelta(0) if rng.random() < 0.7 else rng.random() * whole
    rule = "-" if rng.random() < 0.02 else random_rule(rng, start, zone)
    return RandomWindow(rule, start, days, elapsed, cutoff, rng.random() < 0.025)


def random_duration(rng):
    if rng.random() < 0.5:
        return 0, datetime.timedelta(minutes=rng.choice([1, 30, 60, 90, 120, 240, 480, 1439, 1440, 1500]))
    if rng.random() < 0.7:
        return rng.choice([1, 1, 1, 2, 7, 31]), datetime.timedelta(0)
    return rng.randint(1, 40), datetime.timedelta(seconds=rng.randint(0, 200000))


def random_rule(rng, start, zone):
    frequency = rng.choice(["DAILY", "WEEKLY", "MONTHLY", "YEARLY"])
    parts = [f"FREQ={frequency}"]
    chance = rng.random
    if chance() < 0.4:
        parts.append(f"INTERVAL={rng.choice([1, 2, 2, 3, 4, 5, 6, 10, rng.randint(1, 40)])}")
    months = chance() < (0.5 if frequency == "YEARLY" else 0.15)
    if months:
        parts.append("BYMONTH=" + items(rng, [str(month) for month in range(1, 13)]))
    if frequency != "WEEKLY" and chance() < 0.35:
        parts.append("BYMONTHDAY=" + items(rng, [str(day) for day in [*range(1, 32), *range(-31, 0)]], 6))
    if chance() < 0.5:
        parts.append("BYDAY=" + items(rng, weekdays(rng, frequency, months), 4))
    if chance() < 0.3:
        parts.append(f"WKST={rng.choice(DAYS)}")
    end = chance()
    if end < 0.15:
        parts.append(f"COUNT={rng.choice([1, 2, 3, 10, rng.randint(1, 200)])}")
    elif end < 0.35:
        parts.append(f"UNTIL={until(rng, start, zone)}")
    first, *others = parts
    rng.shuffle(others)
    return ";".join([first, *others])


def items(rng, choices, most=3):
    return ",".join(rng.sample(choices, min(len(choices), rng.randint(1, most))))


def weekdays(rng, frequency, months):
    """Plain weekdays, or where the rule takes them some with ordinals."""
    if frequency in ("DAILY", "WEEKLY") or rng.random() < 0.3:
        return DAYS
    most = 5 if frequency == "MONTHLY" or months else 53
    numbers = [n for n in range(-most, most + 1) if n]
    with_ordinals = [f"{rng.choice(['', '+']) if n > 0 else ''}{n}{day}" for n in numbers for day in DAYS]
    # Both kinds in one list are rare but legal.
    return rng.sample(with_ordinals, min(len(with_ordinals), 20)) + (DAYS if rng.random() < 0.2 else [])


def until(rng, start, zone):
    end = start + datetime.timedelta(days=rng.choice([rng.randint(0, 60), rng.randint(0, 1500)]))
    form = rng.choice(["%Y%m%d", "%Y%m%dT%H%M%S", "%Y%m%dT%H%M%SZ"])
    if rng.random() < 0.4:
        end = end.replace(hour=rng.randint(0, 23), minute=rng.choice([0, 30, 59]))
    elif form.endswith("Z"):
        end = zone.instant(end) - rng.choice([0, 0, 1]) * datetime.timedelta(seconds=1)
    return end.strftime(form)
