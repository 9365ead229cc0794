"""Two people, each in a browser of their own, see what the other one does without a reload."""

import asyncio
from contextlib import asynccontextmanager

import pytest

from app.domain.bookings import BookingStatus
from app.tasks.worker import run_worker
from tests.browser.chromium import FOUND, chromium
from tests.factories.accounts import make_user
from tests.factories.bookings import make_booking
from tests.factories.catalog import make_offering, make_provider
from tests.factories.clock import at
from tests.factories.realtime import serving

pytestmark = pytest.mark.skipif(
    FOUND is None, reason="there is no Chromium: install it, or name it in CHROMIUM"
)
PASSWORD = "correct horse battery"
CONNECTED = "document.querySelector('#state').textContent === 'connected'"


def shows(what, text):
    return f"[...document.querySelectorAll('{what}')].some(e => e.textContent.includes('{text}'))"


@asynccontextmanager
async def working(doors):
    stopping = asyncio.Event()
    task = asyncio.create_task(run_worker(doors, stopping=stopping))
    yield
    stopping.set()
    await task


@pytest.fixture
async def world(adapters, real_database):
    async with serving(adapters, real_database) as place:
        hashed = await adapters.passwords.hash(PASSWORD)
        async with real_database.transaction() as connection:
            customer = await make_user(connection, password_hash=hashed)
            seller = await make_user(connection, password_hash=hashed)
            provider = await make_provider(connection, user_id=seller.id)
            offering = await make_offering(connection, provider)
            booking = await make_booking(
                connection, customer.id, offering, provider, starts_at=at(24 * 60)
            )
        assert booking.status is BookingStatus.CONFIRMED
        async with working(place.doors):
            yield place, customer, seller, booking


async def signed_in(browser, place, user):
    page = await browser.page(f"http://127.0.0.1:{place.port}/dev/realtime")
    await page.run("window.loadedOnce = true")
    await page.fill("#in", email=user.email, password=PASSWORD)
    await page.until(CONNECTED)
    return page


async def test_two_browsers_see_one_anothers_messages(world):
    place, customer, seller, booking = world
    async with chromium() as browser:
        hers = await signed_in(browser, place, customer)
        his = await signed_in(browser, place, seller)
        talk = f'{{"booking_id": "{booking.id}", "message": "Is there parking?"}}'
        await hers.run(f"ask('POST', '/conversations', {talk}).then(c => openTalk(c.id))")
        await his.until(shows("#messages li", "them: Is there parking?"))
        await his.fill("#say", text="Behind the house")
        await hers.until(shows("#messages li", "them: Behind the house"))
        await hers.fill("#say", text="Thank you")
        await his.until(shows("#messages li", "them: Thank you"))
        for page in (his, hers):
            assert await page.run("window.loadedOnce"), "nothing was loaded again"


async def test_two_browsers_see_a_booking_change(world):
    place, customer, seller, booking = world
    async with chromium() as browser:
        hers = await signed_in(browser, place, customer)
        his = await signed_in(browser, place, seller)
        row = f'#bookings [data-id="{booking.id}"]'
        for page in (hers, his):
            await page.until(f"document.querySelector('{row}').dataset.status === 'confirmed'")

        await hers.click(f"{row} button.cancel")
        for page in (his, hers):
            await page.until(f"document.querySelector('{row}').dataset.status === 'cancelled'")
            assert await page.run("window.loadedOnce"), "nothing was loaded again"


async def test_a_browser_whose_line_was_cut_comes_back_and_has_missed_nothing(world):
    place, customer, seller, booking = world
    async with chromium() as browser:
        hers = await signed_in(browser, place, customer)
        his = await signed_in(browser, place, seller)
        for page in (hers, his):
            await page.run("window.line.close(); 1")

        row = f'#bookings [data-id="{booking.id}"]'
        await hers.click(f"{row} button.cancel")
        await his.until(f"document.querySelector('{row}').dataset.status === 'cancelled'")
        await his.until(CONNECTED)
