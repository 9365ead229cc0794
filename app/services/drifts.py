"""Finding the appointments that the zones moved."""

from app.core.clock import Clock
from app.domain.drifts import MOST_SHOWN, Drift, Drifts, drift
from app.repositories.drifts import DriftRepository


class DriftService:
    def __init__(self, drifts: DriftRepository, clock: Clock) -> None:
        self.drifts = drifts
        self.clock = clock

    async def found(self) -> Drifts:
        """Return those that are ahead: how many, and the first of them, the soonest first."""
        count, first = 0, list[Drift]()
        async for agreed in self.drifts.agreed(after=self.clock()):
            found = drift(agreed)
            if found is None:
                continue
            count += 1
            if len(first) < MOST_SHOWN:
                first.append(found)
        return Drifts(count, first)
