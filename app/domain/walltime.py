"""Wall time and instants: the one place where local time is resolved.

Instants are whole seconds since 1970 (UTC), half open like every period here. A wall time that
doesn't exist belongs to no instant; one that exists twice belongs to two.
"""

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

DAY = 86_400
HOUR = 3_600
Span = tuple[int, int]


def epoch(instant: datetime) -> int:
    """Return whole seconds since 1970, rounded down."""
    return int(instant.timestamp() // 1)


def instant(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def local_date(seconds: int, zone: str) -> date:
    return datetime.fromtimestamp(seconds, ZoneInfo(zone)).date()


def wall_time(at: datetime, zone: str) -> str:
    """Return the wall time of an instant, to the second: `2030-03-04T10:00:00`."""
    return at.astimezone(ZoneInfo(zone)).strftime("%Y-%m-%dT%H:%M:%S")


def named(wall: str, zone: str) -> list[int]:
    """Return the instants of a wall time as `wall_time` writes it: mostly one, or none, or two."""
    at = datetime.fromisoformat(wall)
    both = {epoch(at.replace(tzinfo=ZoneInfo(zone), fold=fold)) for fold in (0, 1)}
    return sorted(second for second in both if wall_time(instant(second), zone) == wall)


def midnight(day: date, zone: str) -> int:
    """Return the first instant of a local day, also where clocks skip midnight."""
    spans = instants(day, 0, DAY // 60, zone)
    return spans[0][0] if spans else midnight(day + timedelta(days=1), zone)


@lru_cache(maxsize=65_536)
def instants(day: date, start: int, end: int, zone: str) -> tuple[Span, ...]:
    """Return the instants whose wall time lies in `[start, end)` minutes after local midnight.

    Mostly one span; none for an hour that is skipped, two for one that is interrupted by clocks
    set back. `end` may lie past 1440, on the next day.
    """
    tz = ZoneInfo(zone)
    base = datetime.combine(day, time())
    opens, closes = base + timedelta(minutes=start), base + timedelta(minutes=end)
    offsets = {
        wall.replace(tzinfo=tz, fold=fold).utcoffset()
        for wall in (opens, closes)
        for fold in (0, 1)
    }
    first, last = _naive_epoch(opens), _naive_epoch(closes)
    if len(offsets) == 1:
        shift = _seconds(offsets.pop())
        return ((first - shift, last - shift),)
    found: list[Span] = []
    for begins, ends, shift in _constant(first - DAY - HOUR, last + DAY + HOUR, tz):
        here = (max(begins, first - shift), min(ends, last - shift))
        if here[0] < here[1]:
            if found and found[-1][1] == here[0]:
                here = (found.pop()[0], here[1])
            found.append(here)
    return tuple(found)


def _constant(begins: int, ends: int, tz: ZoneInfo) -> list[tuple[int, int, int]]:
    """Cut a stretch of time where the zone's offset changes: `(begins, ends, offset)`."""
    pieces: list[tuple[int, int, int]] = []
    here, shift = begins, _offset(begins, tz)
    for probe in (*range(begins + HOUR, ends, HOUR), ends):
        if (changed := _offset(probe, tz)) != shift:
            change = _first_with(changed, probe - HOUR, probe, tz)
            pieces.append((here, change, shift))
            here, shift = change, changed
    return [*pieces, (here, ends, shift)]


def _first_with(shift: int, before: int, after: int, tz: ZoneInfo) -> int:
    while after - before > 1:
        middle = (before + after) // 2
        if _offset(middle, tz) == shift:
            after = middle
        else:
            before = middle
    return after


def _offset(seconds: int, tz: ZoneInfo) -> int:
    return _seconds(datetime.fromtimestamp(seconds, tz).utcoffset())


def _seconds(offset: timedelta | None) -> int:
    return int(offset.total_seconds()) if offset is not None else 0


def _naive_epoch(wall: datetime) -> int:
    return int(wall.replace(tzinfo=UTC).timestamp())
