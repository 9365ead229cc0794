"""The text messages, push and Telegram that would have been sent, for browsers and programs."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from html import escape
from typing import Final

from fastapi import APIRouter, Response
from starlette.requests import Request
from typing_extensions import TypedDict

from app.api.answers import JSON, Answers
from app.api.deps import Anybody
from app.domain.messengers import KeptMessage, Messenger

POLICY: Final = (
    "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'"
)
PAGE: Final = """<!doctype html><html lang="en"><meta charset="utf-8">
<meta name="viewport" content="width=device-width"><title>Messages</title>
<style>
body{{font:16px/1.5 system-ui;max-width:44rem;margin:2rem auto;padding:0 1rem}}
input,button{{font:inherit;padding:.3rem .6rem}}
article{{margin:1.5rem 0;border:1px solid #8886;border-radius:8px;padding:.7rem 1rem}}
header{{display:flex;flex-wrap:wrap;gap:0 1rem;justify-content:space-between}}
header,p,pre{{overflow-wrap:anywhere}}p,pre{{white-space:pre-wrap;margin:.5rem 0 0}}
</style>
<h1>Messages</h1>
<form><input type="search" name="to" placeholder="to" aria-label="to" value="{to}">
<button>Show</button> <a href="?">all</a></form>
{messages}{nothing}
</html>"""
MESSAGE: Final = """<article><header><strong>{messenger}</strong><span>{to}</span>
<time datetime="{at}">{at}</time></header>{title}<p>{text}</p>{data}</article>"""
NOTHING: Final = "<p>No messages. They are sent by the job worker, a moment after the request.</p>"

router = APIRouter(prefix="/dev", include_in_schema=False)


class MessageRead(TypedDict):
    messenger: Messenger
    to: str
    title: str | None
    text: str
    data: Mapping[str, str]
    created_at: datetime


class MessagesRead(TypedDict):
    items: list[MessageRead]


def messages_read(messages: Sequence[KeptMessage]) -> MessagesRead:
    return {"items": [_message_read(kept) for kept in messages]}


def _message_read(kept: KeptMessage) -> MessageRead:
    return {
        "messenger": kept.messenger,
        "to": kept.to,
        "title": kept.title,
        "text": kept.text,
        "data": kept.data,
        "created_at": kept.created_at,
    }


MESSAGES = Answers(messages_read)


@router.get("/messages")
async def show_messages(guest: Anybody, request: Request, to: str = "") -> Response:
    """Show the messages, newest first; as JSON to who asks for it."""
    wanted = to.strip()
    if to.startswith(" "):  # a plus in a query string is read as a space
        wanted = f"+{wanted}"
    async with guest.reading() as services:
        messages = await services.kept_messages.messages(to=wanted or None)
    if JSON in request.headers.get("accept", ""):
        return MESSAGES.ok(messages)
    return _page(messages, wanted)


def _page(messages: Sequence[KeptMessage], to: str) -> Response:
    content = PAGE.format(
        to=escape(to),
        messages="".join(map(_article, messages)),
        nothing="" if messages else NOTHING,
    )
    return Response(content, headers={"Content-Security-Policy": POLICY}, media_type="text/html")


def _article(kept: KeptMessage) -> str:
    title = f"<p><strong>{escape(kept.title)}</strong></p>" if kept.title else ""
    lines = "\n".join(f"{name}: {value}" for name, value in kept.data.items())
    return MESSAGE.format(
        messenger=escape(kept.messenger),
        to=escape(kept.to),
        at=kept.created_at.isoformat(timespec="seconds"),
        title=title,
        text=escape(kept.text),
        data=f"<pre>{escape(lines)}</pre>" if lines else "",
    )
