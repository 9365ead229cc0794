"""The letters that would have been sent, for a browser and for programs."""

from collections.abc import Sequence
from datetime import datetime
from html import escape
from typing import Final

from fastapi import APIRouter, Response
from starlette.requests import Request
from typing_extensions import TypedDict

from app.api.answers import JSON, Answers
from app.api.deps import Anybody
from app.domain.mail import KeptAttachment, KeptLetter

POLICY: Final = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-src 'self';"
    " form-action 'self'; frame-ancestors 'self'"
)
PAGE: Final = """<!doctype html><html lang="en"><meta charset="utf-8">
<meta name="viewport" content="width=device-width"><title>Mail</title>
<style>
body{{font:16px/1.5 system-ui;max-width:44rem;margin:2rem auto;padding:0 1rem}}
input,button{{font:inherit;padding:.3rem .6rem}}article{{margin:2rem 0}}
header{{display:flex;flex-wrap:wrap;gap:0 1rem;justify-content:space-between}}
iframe{{width:100%;height:32rem;border:1px solid #8886;border-radius:8px}}
pre{{white-space:pre-wrap;overflow-wrap:anywhere}}
</style>
<h1>Mail</h1>
<form><input type="search" name="to" placeholder="to" aria-label="to" value="{to}">
<button>Show</button> <a href="?">all</a></form>
{letters}{nothing}
</html>"""
LETTER: Final = """<article><header><strong>{subject}</strong><span>{to}</span>
<time datetime="{at}">{at}</time></header>
<iframe sandbox="allow-popups allow-popups-to-escape-sandbox" title="{subject}"
 srcdoc="{html}"></iframe>
<details><summary>as text</summary><pre>{text}</pre></details>{attachments}</article>"""
ATTACHMENT: Final = (
    '<p><a download="{name}" href="data:application/octet-stream;base64,{content}">{name}</a></p>'
)
NOTHING: Final = "<p>No letters. They are sent by the job worker, a moment after the request.</p>"
HEAD: Final = "<head>"
IN_A_NEW_TAB: Final = f'{HEAD}<base target="_blank">'

router = APIRouter(prefix="/dev", include_in_schema=False)


class AttachmentRead(TypedDict):
    name: str
    content_type: str
    content: str


class LetterRead(TypedDict):
    to: str
    subject: str
    text: str
    html: str
    created_at: datetime
    attachments: list[AttachmentRead]


class MailboxRead(TypedDict):
    items: list[LetterRead]


def mailbox_read(letters: Sequence[KeptLetter]) -> MailboxRead:
    return {"items": [_letter_read(kept) for kept in letters]}


def _letter_read(kept: KeptLetter) -> LetterRead:
    return {
        "to": kept.to,
        "subject": kept.subject,
        "text": kept.text,
        "html": kept.html,
        "created_at": kept.created_at,
        "attachments": [
            {"name": each.name, "content_type": each.content_type, "content": each.content}
            for each in kept.attachments
        ],
    }


MAILBOX = Answers(mailbox_read)


@router.get("/mail")
async def show_mail(guest: Anybody, request: Request, to: str = "") -> Response:
    """Show the letters, newest first; as JSON to who asks for it."""
    wanted = to.strip().lower().replace(" ", "+")  # a plus in a query string is read as a space
    async with guest.reading() as services:
        letters = await services.mailbox.letters(to=wanted or None)
    if JSON in request.headers.get("accept", ""):
        return MAILBOX.ok(letters)
    return _page(letters, wanted)


def _page(letters: Sequence[KeptLetter], to: str) -> Response:
    content = PAGE.format(
        to=escape(to),
        letters="".join(_article(kept) for kept in letters),
        nothing="" if letters else NOTHING,
    )
    return Response(content, headers={"Content-Security-Policy": POLICY}, media_type="text/html")


def _article(kept: KeptLetter) -> str:
    """Show a letter in a frame where nothing of it can run or reach this page."""
    return LETTER.format(
        subject=escape(kept.subject),
        to=escape(kept.to),
        at=kept.created_at.isoformat(timespec="seconds"),
        html=escape(kept.html.replace(HEAD, IN_A_NEW_TAB, 1)),
        text=escape(kept.text),
        attachments="".join(map(_attachment, kept.attachments)),
    )


def _attachment(kept: KeptAttachment) -> str:
    return ATTACHMENT.format(name=escape(kept.name), content=escape(kept.content))
