"""A clock that stands still until it is told to go on."""

from datetime import UTC, datetime, timedelta

NOW = datetime(2030, 3, 1, 12, tzinfo=UTC)  # a Friday


class Clock:
    def __init__(self, now: datetime = NOW) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **amount: float) -> None:
        self.now += timedelta(**amount)


def at(minutes: int) -> datetime:
    """Return an instant so many minutes after NOW."""
    return NOW + timedelta(minutes=minutes)
