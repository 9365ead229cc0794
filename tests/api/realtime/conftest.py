"""A server on a database whose commits are real."""

import pytest

from tests.factories.realtime import serving


@pytest.fixture
async def place(adapters, real_database):
    async with serving(adapters, real_database) as place:
        yield place


@pytest.fixture
async def ada(place):
    return await place.member()


@pytest.fixture
async def bob(place):
    return await place.member()
