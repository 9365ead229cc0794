"""The OpenAPI document, and the pages that show it without a network."""

from typing import Any, Final

from fastapi import FastAPI, Request
from fastapi.openapi.docs import (
    get_redoc_html,
    get_swagger_ui_html,
    get_swagger_ui_oauth2_redirect_html,
)
from fastapi.openapi.utils import get_openapi
from starlette.responses import HTMLResponse
from starlette.staticfiles import StaticFiles

ASSETS: Final = "/docs-assets"
POLICY: Final = (
    "default-src 'none'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline';"
    " img-src 'self' data:; connect-src 'self'; worker-src blob:; font-src 'self' data:;"
    " frame-ancestors 'none'"
)

DESCRIPTION: Final = (
    "Appointments with providers and seats at events, through one booking model. Errors are"
    " problem documents (RFC 9457), lists are keyset pages, and a repeated Idempotency-Key"
    " takes effect once."
)


def install(app: FastAPI) -> None:
    """Serve Swagger UI, ReDoc and the document itself; their scripts come from here too."""
    app.openapi = lambda: _document(app)  # type: ignore[method-assign]  # FastAPI's documented way
    files = StaticFiles(packages=[("fastapi_offline", "static")])
    app.mount(ASSETS, files, name="docs-assets")
    for path, page in (
        ("/docs", _swagger()),
        ("/docs/oauth2-redirect", get_swagger_ui_oauth2_redirect_html()),
        ("/redoc", _redoc()),
    ):
        _serve(app, path, page)


def _document(app: FastAPI) -> dict[str, Any]:
    if app.openapi_schema is None:
        app.openapi_schema = get_openapi(
            title=app.title,
            version=app.version,
            description=app.description,
            routes=app.routes,
        )
    return app.openapi_schema


def _serve(app: FastAPI, path: str, page: HTMLResponse) -> None:
    page.headers["Content-Security-Policy"] = POLICY

    async def show(_: Request) -> HTMLResponse:
        return page

    app.add_route(path, show, include_in_schema=False)


def _swagger() -> HTMLResponse:
    return get_swagger_ui_html(
        openapi_url="/openapi.json",
        title="Banister API",
        oauth2_redirect_url="/docs/oauth2-redirect",
        swagger_js_url=f"{ASSETS}/swagger-ui-bundle.js",
        swagger_css_url=f"{ASSETS}/swagger-ui.css",
        swagger_favicon_url=f"{ASSETS}/favicon.png",
        swagger_ui_parameters={"persistAuthorization": True, "displayRequestDuration": True},
    )


def _redoc() -> HTMLResponse:
    return get_redoc_html(
        openapi_url="/openapi.json",
        title="Banister API",
        redoc_js_url=f"{ASSETS}/redoc.standalone.js",
        redoc_favicon_url=f"{ASSETS}/favicon.png",
        with_google_fonts=False,
    )
