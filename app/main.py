"""The web application: `uvicorn --factory app.main:create_app`."""

import gc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from fastapi import FastAPI
from typing_extensions import TypedDict

from app.api import documents, errors, middleware, routing
from app.api.dev import DEV_ROUTERS
from app.api.realtime.hub import Hub
from app.api.v1 import ROUTERS
from app.bootstrap import Doors, open_doors
from app.core.config import Settings, load_settings
from app.core.tokens import Tokens
from app.tasks.courier import carrying

VERSION: Final = "1.0.0"


class State(TypedDict):
    doors: Doors
    tokens: Tokens
    hub: Hub


def create_app(settings: Settings | None = None) -> FastAPI:
    settings = settings or load_settings()

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[State]:
        hub = Hub(
            most=settings.realtime_connections,
            most_of_user=settings.realtime_connections_per_user,
        )
        async with open_doors(settings) as doors, carrying(doors, hub):
            gc.freeze()  # or one request in a hundred waits 60 ms for the collector
            gc.set_threshold(50_000, 20, 50)  # what requests make is mostly gone at their end
            yield {"doors": doors, "tokens": doors.adapters.tokens, "hub": hub}

    app = FastAPI(
        title="Banister",
        version=VERSION,
        description=documents.DESCRIPTION,
        lifespan=lifespan,
        openapi_url=None,  # documents.install serves it
    )
    middleware.install(app, settings)
    errors.install(app)
    routing.install(app, [*ROUTERS, *(DEV_ROUTERS if settings.is_development else [])])
    documents.install(app)
    return app
