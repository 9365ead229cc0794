"""PUBLISH and SUBSCRIBE of a Redis, where REDIS_URL names one."""

from collections.abc import AsyncGenerator, Sequence
from typing import Final

from redis.asyncio import Redis

from app.integrations.realtime.listening import again_and_again
from app.integrations.realtime.protocol import CHANNEL, Bus

CONNECTS_WITHIN: Final = 5.0
ASKED_EVERY: Final = 15  # seconds of silence, after which it is asked whether it is still there


class RedisBus(Bus):
    """`url` is redis://, rediss:// or unix://; it connects with the first word."""

    def __init__(self, url: str) -> None:
        self._redis: Redis = Redis.from_url(
            url,
            decode_responses=True,
            socket_connect_timeout=CONNECTS_WITHIN,
            socket_timeout=CONNECTS_WITHIN,
            health_check_interval=ASKED_EVERY,
        )

    async def say(self, words: Sequence[str]) -> None:
        for word in words:
            await self._redis.publish(CHANNEL, word)

    async def listen(self) -> AsyncGenerator[str | None]:
        async for word in again_and_again(self._connected):
            yield word

    async def close(self) -> None:
        await self._redis.aclose()

    async def _connected(self) -> AsyncGenerator[str | None]:
        async with self._redis.pubsub() as heard:
            await heard.subscribe(CHANNEL)
            while True:
                message = await heard.get_message(timeout=ASKED_EVERY)
                if message is None:
                    await heard.ping()
                elif message["type"] == "subscribe":
                    yield None
                elif message["type"] == "message":
                    yield message["data"]
