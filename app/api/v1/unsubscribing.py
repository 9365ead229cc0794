"""Where the link in a letter leads that stops more of its kind (RFC 8058).

A look at it changes nothing, since mail programs look at links before people do.
"""

from html import escape
from typing import Annotated, Any, Final

from fastapi import Path, Response

from app.api.deps import Anybody
from app.api.errors import problems
from app.api.routing import API, stem
from app.core.i18n import Locale, translate
from app.domain.notification_preferences import UnsubscribeTokenInvalid

router = stem("unsubscribe", prefix=f"{API}/unsubscribe")
Token = Annotated[str, Path(pattern=r"^[A-Za-z0-9_.:~-]+$", max_length=300)]
POLICY: Final = (
    "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'"
)
PAGE: Final = """<!doctype html><html lang="{locale}"><meta charset="utf-8">
<meta name="viewport" content="width=device-width"><title>{title}</title>
<style>body{{font:16px/1.5 system-ui;max-width:30rem;margin:4rem auto;padding:0 1rem}}
button{{font:inherit;padding:.6rem 1rem}}</style>
<h1>{title}</h1>{more}</html>"""
BUTTON: Final = '<form method="post"><button>{label}</button></form>'


class Html(Response):
    media_type = "text/html"


SHOWN: Final[dict[str, Any]] = {
    "description": "A page for whoever reads the letter.",
    "content": {"text/html": {"schema": {"type": "string", "format": "binary"}}},
}
ANSWERS: Final[dict[int | str, dict[str, Any]]] = {
    200: SHOWN,
    **problems(UnsubscribeTokenInvalid),
}


@router.get("/{token}", response_class=Html, response_model=None, responses=ANSWERS)
async def show_unsubscribing(guest: Anybody, token: Token) -> Response:
    """Ask whether letters of a kind are to be stopped."""
    async with guest.reading() as services:
        services.notification_preferences.unsubscribing(token)
    title = translate("Stop letters of this kind?", guest.locale)
    label = translate("Stop them", guest.locale)
    return _page(title, guest.locale, BUTTON.format(label=escape(label)))


@router.post("/{token}", response_class=Html, response_model=None, responses=ANSWERS)
async def unsubscribe(guest: Anybody, token: Token) -> Response:
    """Stop letters of a kind, for whoever has the link; mail programs ask this for their reader."""
    async with guest.writing() as services:
        await services.notification_preferences.unsubscribe(token)
    return _page(translate("You get no more letters of this kind.", guest.locale), guest.locale)


def _page(title: str, locale: Locale, more: str = "") -> Response:
    content = PAGE.format(locale=locale, title=escape(title), more=more)
    return Html(content, headers={"Content-Security-Policy": POLICY, "Cache-Control": "no-store"})
