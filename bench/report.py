"""The table: medians of the rounds, ratios with their spread, and whether the goals are met."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from math import inf
from statistics import median
from typing import Final

from bench.load import Heard
from bench.operations import (
    ASKING,
    BOOKING,
    BOOKINGS,
    CONSTANT,
    CONTENDED,
    CREATE,
    CREW_SLOTS,
    FANOUT,
    ITEM,
    LIST,
    LOOPED,
    REFERENCE,
    SEAT,
    SEATS,
    SLOTS,
    STALLED,
)


@dataclass(frozen=True, slots=True)
class Measured:
    """One run of an operation; CPU in microseconds per request."""

    heard: Heard
    server: float
    database: float

    @property
    def rate(self) -> float:
        return self.heard.requests / self.heard.seconds


Round = Mapping[str, Measured]
Value = Callable[[Round], float]


def cpu(name: str, of: str) -> Value:
    """Return the CPU of `of` over that of the operation: 1.0 is as cheap."""
    return lambda found: found[of].server / found[name].server


def times(name: str, of: str) -> Value:
    """Return the CPU of the operation over that of `of`."""
    return cpu(of, name)


def rate(name: str, of: str) -> Value:
    return lambda found: found[name].rate / found[of].rate


def longest(name: str) -> Value:
    return lambda found: found[name].heard.longest


def p99(name: str) -> Value:
    return lambda found: found[name].heard.p99


def p99_times(name: str, of: str) -> Value:
    return lambda found: found[name].heard.p99 / found[of].heard.p99


@dataclass(frozen=True, slots=True)
class Goal:
    name: str
    what: str
    value: Value
    at_least: float = 0.0
    at_most: float = inf
    floor: float = 0.0
    """What a change may never fall under, where the goal is further up."""

    def verdict(self, found: float) -> str:
        if self.at_least <= found <= self.at_most:
            return "met"
        return "**missed**" if found >= self.floor else f"**under the floor of {self.floor:g}**"

    @property
    def wanted(self) -> str:
        return f"≥ {self.at_least:g}" if self.at_most == inf else f"≤ {self.at_most:g}"


BARE: Final = REFERENCE + CONSTANT
GOALS: Final = [
    Goal(LIST, "CPU, of the reference", cpu(LIST, REFERENCE + LIST), 0.60),
    Goal(LIST, "requests/s, of the reference", rate(LIST, REFERENCE + LIST), 0.60),
    Goal(ITEM, "CPU, of the reference", cpu(ITEM, REFERENCE + ITEM), 0.50),
    Goal(BOOKINGS, "CPU, of the reference", cpu(BOOKINGS, REFERENCE + BOOKINGS), 0.50),
    Goal(BOOKING, "CPU, of the reference", cpu(BOOKING, REFERENCE + BOOKING), 0.35),
    Goal(ASKING, "CPU, times that of asking with the query", times(ASKING, BOOKING), 1.1),
    Goal(CREATE, "CPU, of the reference", cpu(CREATE, REFERENCE + CREATE), 0.33),
    Goal(CREATE, "requests/s, of the reference", rate(CREATE, REFERENCE + CREATE), 0.30),
    Goal(CONTENDED, "attempts/s, of those in peace", rate(CONTENDED, CREATE), 0.8),
    Goal(CONTENDED, "longest wait, ms", longest(CONTENDED), at_most=250),
    Goal(SEAT, "CPU, of the reference", cpu(SEAT, REFERENCE + SEAT), 0.33),
    Goal(SEAT, "requests/s, of the reference", rate(SEAT, REFERENCE + SEAT), 0.55),
    Goal(SEAT, "requests/s, of those over 100 events", rate(SEAT, SEATS), 0.9),
    Goal(SEAT, "p99, ms", p99(SEAT), at_most=50),
    Goal(SLOTS, "CPU, of the catalog list's reference", cpu(SLOTS, REFERENCE + LIST), 0.33),
    Goal(SLOTS, "requests/s, of the same", rate(SLOTS, REFERENCE + LIST), 0.40),
    Goal(CREW_SLOTS, "CPU, times that of one provider's", times(CREW_SLOTS, SLOTS), at_most=9),
    Goal(CREW_SLOTS, "p99, ms", p99(CREW_SLOTS), at_most=250),
    Goal(CONSTANT, "CPU, times that of bare FastAPI", times(CONSTANT, BARE), at_most=1.6),
    Goal(FANOUT, "CPU, of a raw-frame server", cpu(FANOUT, REFERENCE + FANOUT), 0.45, floor=0.35),
    Goal(FANOUT, "CPU of send_json in a loop, of it", times(LOOPED, FANOUT), 1.25),
    Goal(STALLED, "p99, times that when all read", p99_times(STALLED, FANOUT), at_most=2),
]


def written(rounds: Sequence[Round], notes: Sequence[str]) -> str:
    """Return the whole report, in Markdown."""
    notes = [f"- {note}" for note in notes]
    lines = [*_measurements(rounds), "", *_goals(rounds), "", *notes] if rounds[0] else notes
    return "\n".join(lines)


def _measurements(rounds: Sequence[Round]) -> Iterator[str]:
    yield "| Operation | requests/s | server CPU µs | database CPU µs | p50 ms | p99 ms | not 2xx |"
    yield "|---|---:|---:|---:|---:|---:|---:|"
    for name in rounds[0]:
        runs = [found[name] for found in rounds]
        figures = [
            f"{median(run.rate for run in runs):,.0f}",
            f"{median(run.server for run in runs):,.0f}",
            f"{median(run.database for run in runs):,.0f}",
            f"{median(run.heard.p50 for run in runs):.1f}",
            f"{median(run.heard.p99 for run in runs):.1f}",
            f"{sum(run.heard.refused for run in runs):,}",
        ]
        yield f"| {name} | {' | '.join(figures)} |"


def _goals(rounds: Sequence[Round]) -> Iterator[str]:
    yield "| Goal | | wanted | found | lowest to highest | |"
    yield "|---|---|---:|---:|---:|---|"
    for goal in GOALS:
        with suppress(KeyError):  # not all that it compares was measured
            yield _verdict(goal, sorted(goal.value(each) for each in rounds))


def _verdict(goal: Goal, found: Sequence[float]) -> str:
    middle, spread = median(found), f"{found[0]:.3g} to {found[-1]:.3g}"
    told = goal.verdict(middle)
    return f"| {goal.name} | {goal.what} | {goal.wanted} | {middle:.3g} | {spread} | {told} |"
