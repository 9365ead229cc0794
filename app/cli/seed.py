"""The demo data: a salon worth looking at, the same every time."""

from app.bootstrap import Doors


async def seed(doors: Doors) -> None:
    """Load the demo data; what is there already stays as it is."""
    await doors.perform(lambda services: services.demo.load())


async def seed_if_new(doors: Doors) -> None:
    """Load the demo data on the first start."""
    async with doors.reading() as services:
        is_wanted = await services.demo.is_wanted()
    if is_wanted:
        await seed(doors)
