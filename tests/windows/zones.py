"""Time zones from the system's database, as lists of changes."""
import datetime
import zoneinfo

EPOCH = datetime.datetime(2000, 1, 1)
FIRST_YEAR, LAST_YEAR = 1990, 2062

# Changes of an hour, of half an hour, of two; at midnight, so that days begin late; a skipped day; standard time in
# summer; breaks for Ramadan; none at all.
ZONES = ["America/New_York", "Europe/Berlin", "Australia/Lord_Howe", "Antarctica/Troll", "America/St_Johns",
         "America/Sao_Paulo", "America/Santiago", "Asia/Beirut", "Asia/Tehran", "Pacific/Apia", "Europe/Dublin",
         "Africa/Casablanca", "Asia/Kathmandu", "UTC"]


class Zone:
    def __init__(self, name):
        self.name = name
        self.info = zoneinfo.ZoneInfo(name)
        self.changes = list(self._changes())

    def offset(self, at):
        """The offset at an instant: naive, in UTC."""
        return at.replace(tzinfo=datetime.timezone.utc).astimezone(self.info).utcoffset()

    def instant(self, wall):
        """The instant of a wall-clock time. fold=0 is what RFC 5545 says: the first of two, and the offset before a
        gap."""
        aware = wall.replace(tzinfo=self.info, fold=0)
        return aware.replace(tzinfo=None) - aware.utcoffset()

    def _changes(self):
        day = datetime.timedelta(days=1)
        at, end = datetime.datetime(FIRST_YEAR, 1, 1), datetime.datetime(LAST_YEAR, 1, 1)
        while at < end:
            if self.offset(at) != self.offset(at + day):
                low, high = 0, 86400
                while high - low > 1:
                    middle = (low + high) // 2
                    same = self.offset(at + datetime.timedelta(seconds=middle)) == self.offset(at)
                    low, high = (middle, high) if same else (low, middle)
                change = at + datetime.timedelta(seconds=high)
                yield change, self.offset(change)
            at += day

    def line(self):
        """The zone as the driver reads it."""
        first = self.offset(datetime.datetime(FIRST_YEAR, 1, 1))
        words = ["zone", str(int(first.total_seconds()))]
        for change, offset in self.changes:
            words += [str((change - EPOCH) // datetime.timedelta(microseconds=1)), str(int(offset.total_seconds()))]
        return " ".join(words)
