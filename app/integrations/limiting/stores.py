"""Where the settings say that is counted."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager

from limits.aio.storage import Storage

from app.core.clock import Clock
from app.core.config import Settings
from app.integrations.limiting.counting import CountingLimiter
from app.integrations.limiting.fallback import FallbackStorage
from app.integrations.limiting.memory import ProcessStorage
from app.integrations.limiting.postgres import Counts, PostgresStorage
from app.integrations.limiting.protocol import Limiter, Unlimited
from app.integrations.limiting.redis import OwnedRedisStorage


def limiter(
    settings: Settings, clock: Clock, opened: Callable[[], AbstractAsyncContextManager[Counts]]
) -> Limiter:
    """Return the limiter; `opened` is the way to the table, where that is the store.

    Reads have a storage of their own, so that a flood of them forgets no count of tries.
    """
    if settings.rate_limits == "off":
        return Unlimited()
    own, reads = ProcessStorage(clock), ProcessStorage(clock)
    shared: Storage = own
    close = None
    match settings.rate_limit_store:
        case "postgres":
            shared = FallbackStorage(PostgresStorage(opened, clock), own)
        case "redis":
            redis = OwnedRedisStorage(settings.redis_url.get_secret_value())
            close, shared = redis.close, FallbackStorage(redis, own)
    return CountingLimiter(
        shared,
        reads,
        secret=settings.secret_key.get_secret_value(),
        clock=clock,
        in_development=settings.is_development,
        close=close,
    )
