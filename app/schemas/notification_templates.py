"""What people are told, before anybody is."""

from collections.abc import Sequence
from typing import Annotated

from pydantic import Field
from typing_extensions import TypedDict

from app.core.i18n import Locale
from app.domain.notification_preferences import is_required
from app.domain.notifications import Channel, Kind
from app.domain.writing import Written
from app.schemas.base import Request


class TemplateRead(TypedDict):
    kind: Annotated[Kind, Field(examples=["reminder"])]
    channels: list[Channel]
    locales: list[Locale]
    required: Annotated[
        list[Channel],
        Field(description="Channels that can't be switched off.", examples=[["email"]]),
    ]


class TemplatesRead(TypedDict):
    items: list[TemplateRead]


class PreviewRead(TypedDict):
    subject: Annotated[str, Field(examples=["A reminder of your booking"])]
    text: Annotated[str, Field(examples=["Haircut, in 24 hours"])]
    html: Annotated[str | None, Field(description="Of letters alone.", examples=[None])]


class PreviewQuery(Request):
    channel: Channel = Channel.EMAIL
    locale: Locale = Locale.EN


def templates_read(kinds: Sequence[Kind]) -> TemplatesRead:
    return {"items": [_template_read(kind) for kind in kinds]}


def _template_read(kind: Kind) -> TemplateRead:
    return {
        "kind": kind,
        "channels": list(Channel),
        "locales": list(Locale),
        "required": [channel for channel in Channel if is_required(kind, channel)],
    }


def preview_read(written: Written) -> PreviewRead:
    return {"subject": written.subject, "text": written.text, "html": written.html or None}
