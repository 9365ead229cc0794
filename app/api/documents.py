"""The OpenAPI document, and the pages that show it without a network."""

from functools import cache
from typing import Final

from fastapi import FastAPI, Request
from fastapi.openapi.docs import (
    get_redoc_html,
    get_swagger_ui_html,
    get_swagger_ui_oauth2_redirect_html,
)
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.staticfiles import StaticFiles

from app.api.answers import Answers
from app.api.openapi import document

ASSETS: Final = "/docs-assets"
DOCUMENT: Final = "/openapi.json"
POLICY: Final = (
    "default-src 'none'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline';"
    " img-src 'self' data:; connect-src 'self'; worker-src blob:; font-src 'self' data:;"
    " frame-ancestors 'none'"
)

DESCRIPTION: Final = """\
Appointments with providers and seats at events, through one booking model.

* **Signing in** gives a bearer token for 15 minutes and a refresh token. A program sends an API key
  as `X-API-Key` instead; it opens what its scopes name, and never the account itself: sessions,
  passwords, second factors and keys take a session.
* **Limits**: `RateLimit` tells what is left of the quota that is nearest to its end; a 429 says in
  `Retry-After` when to come back.
* **Errors** are problem documents (RFC 9457): `code` names what went wrong, `type` leads to an
  explanation, `request_id` finds it in our logs. A 422 tells the fields in `errors`.
* **Requests** are strict: an unknown field or parameter is a 422. Instants are RFC 3339 with an
  offset, money is integer minor units with its ISO 4217 currency.
* **Lists** are pages: send `next_cursor` as `cursor` until it is null.
* **Repeating** a POST with the same `Idempotency-Key` takes effect once, within 24 hours.
* **Changes**: send the `ETag` you have as `If-Match` and a stale change is a 412; send it as
  `If-None-Match` and what has not changed is a 304.
* **Languages**: `Accept-Language` picks en, ru or uk for what is meant to be read by people.
* A **version** only grows: new fields, values of enums and operations may come at any time.
"""
DESCRIBED: Final = Answers[FastAPI](lambda app: app.openapi())


def install(app: FastAPI) -> None:
    """Serve Swagger UI, ReDoc and the document itself; their scripts come from here too."""
    app.openapi = cache(lambda: document(app))  # type: ignore[method-assign]  # FastAPI's documented way
    files = StaticFiles(packages=[("fastapi_offline", "static")])
    app.mount(ASSETS, files, name="docs-assets")
    for path, page in (
        ("/docs", _swagger()),
        ("/docs/oauth2-redirect", get_swagger_ui_oauth2_redirect_html()),
        ("/redoc", _redoc()),
    ):
        _serve(app, path, page)
    app.add_route(DOCUMENT, _describe, include_in_schema=False)
    app.add_route("/", _welcome, include_in_schema=False)


async def _welcome(_: Request) -> Response:
    """Lead who opens the bare address to where it can be tried out."""
    return RedirectResponse("/docs")


async def _describe(request: Request) -> Response:
    """Return the document, or 304 to who has it."""
    return DESCRIBED.ok_or_unchanged(request.app, request.headers.get("If-None-Match"))


def _serve(app: FastAPI, path: str, page: HTMLResponse) -> None:
    page.headers["Content-Security-Policy"] = POLICY

    async def show(_: Request) -> HTMLResponse:
        return page

    app.add_route(path, show, include_in_schema=False)


def _swagger() -> HTMLResponse:
    return get_swagger_ui_html(
        openapi_url=DOCUMENT,
        title="Banister API",
        oauth2_redirect_url="/docs/oauth2-redirect",
        swagger_js_url=f"{ASSETS}/swagger-ui-bundle.js",
        swagger_css_url=f"{ASSETS}/swagger-ui.css",
        swagger_favicon_url=f"{ASSETS}/favicon.png",
        swagger_ui_parameters={"persistAuthorization": True, "displayRequestDuration": True},
    )


def _redoc() -> HTMLResponse:
    return get_redoc_html(
        openapi_url=DOCUMENT,
        title="Banister API",
        redoc_js_url=f"{ASSETS}/redoc.standalone.js",
        redoc_favicon_url=f"{ASSETS}/favicon.png",
        with_google_fonts=False,
    )
