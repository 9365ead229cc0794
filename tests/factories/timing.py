"""Telling how long things take on a machine that does other things as well."""

from collections.abc import Awaitable, Callable, Sequence
from statistics import median

Sample = Callable[[int], Awaitable[float]]
Statistic = Callable[[Sequence[float]], float]


def quickest(samples: Sequence[float]) -> float:
    """The median of the quickest quarter: what is only sometimes slow is not our doing."""
    return median(sorted(samples)[: max(1, len(samples) // 4)])


async def ratio(
    one: Sample,
    other: Sample,
    *,
    within: tuple[float, float],
    of: Statistic = median,
    least: int = 20,
    most: int = 200,
) -> float:
    """Return how much longer `one` takes than `other`; each is given the number of its sample.

    They take turns, and begin in turn. There are `least` samples of each, and more while the ratio
    is not within the bounds: noise gets less with every sample, and a true difference stays.
    """
    ones: list[float] = []
    others: list[float] = []
    low, high = within
    while True:
        for number in range(len(ones), len(ones) + least):
            turns = [(one, ones), (other, others)]
            for sample, samples in turns if number % 2 else turns[::-1]:
                samples.append(await sample(number))
        found = of(ones) / of(others)
        if low < found < high or len(ones) >= most:
            return found
