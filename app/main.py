"""The web application: `uvicorn --factory app.main:create_app`."""

import gc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from fastapi import FastAPI
from starlette.middleware.cors import CORSMiddleware
from typing_extensions import TypedDict

from app.api import documents, errors, routing
from app.api.middleware import BodyLimit, LastResort, Paths, Persistence, RequestContext
from app.api.v1 import ROUTERS
from app.bootstrap import Doors, open_doors
from app.core.config import Settings, load_settings
from app.core.tokens import Tokens

VERSION: Final = "1.0.0"
EXPOSED: Final = ["ETag", "Idempotency-Replayed", "Location", "Retry-After", "X-Request-ID"]


class State(TypedDict):
    doors: Doors
    tokens: Tokens


def create_app(settings: Settings | None = None) -> FastAPI:
    settings = settings or load_settings()

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[State]:
        async with open_doors(settings) as doors:
            gc.freeze()  # or one request in a hundred waits 60 ms for the collector
            yield {"doors": doors, "tokens": doors.adapters.tokens}

    app = FastAPI(
        title="Banister",
        version=VERSION,
        description=documents.DESCRIPTION,
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        generate_unique_id_function=lambda route: route.name,
    )
    for middleware in (Paths, Persistence, BodyLimit, LastResort):  # the last is the outermost
        app.add_middleware(middleware)
    if settings.cors_origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=settings.cors_origins,
            allow_methods=["*"],
            allow_headers=["*"],
            allow_credentials="*" not in settings.cors_origins,
            expose_headers=EXPOSED,
            max_age=600,
        )
    app.add_middleware(RequestContext, secure=settings.is_production)
    errors.install(app)
    routing.install(app, ROUTERS)
    documents.install(app)
    return app
