"""Problem documents (RFC 9457), and the explanation of a problem code."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, NotRequired

from pydantic import ConfigDict, Field, with_config
from typing_extensions import TypedDict

from app.schemas.slots import SlotRead

SOME_REQUEST = "0197a6c2-7c1e-7a55-8d5e-3f1c9a0b2d4e"


class ProblemLocation(StrEnum):
    """The part of the request that a pointer points into."""

    BODY = "body"
    QUERY = "query"
    PATH = "path"
    HEADER = "header"
    COOKIE = "cookie"


class FieldProblem(TypedDict):
    """What is wrong with one field of the request."""

    location: ProblemLocation
    pointer: Annotated[str, Field(examples=["#/starts_at"])]
    code: Annotated[str, Field(examples=["missing"])]
    message: Annotated[str, Field(examples=["This field is required."])]


@with_config(ConfigDict(use_attribute_docstrings=True))
class Problem(TypedDict):
    """A problem document; what some problems tell besides is in their example."""

    type: Annotated[str, Field(examples=["/problems/slot-unavailable"])]
    title: Annotated[str, Field(examples=["The requested time is not free."])]
    status: Annotated[int, Field(examples=[409])]
    detail: Annotated[str, Field(examples=["The requested time is not free."])]
    instance: Annotated[str, Field(examples=["/api/v1/bookings"])]
    code: Annotated[str, Field(examples=["slot-unavailable"])]
    request_id: Annotated[str, Field(examples=[SOME_REQUEST])]
    errors: NotRequired[list[FieldProblem]]
    """What is wrong with which field, of a 422."""
    alternatives: NotRequired[list[SlotRead]]
    """Up to five times that are free, with `slot-unavailable`."""
    available: NotRequired[Annotated[int, Field(examples=[2])]]
    """How many seats there are, with `sold-out` and `seats-available`."""
    mfa_token: NotRequired[Annotated[str, Field(examples=["eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9"])]]
    """To be sent with a code to POST /auth/login/mfa, with `mfa-required`."""


@dataclass(frozen=True, slots=True)
class Explained:
    code: str
    title: str
    status: int
    advice: str


class ProblemRead(TypedDict):
    """What a problem means and what to do about it."""

    type: Annotated[str, Field(examples=["/problems/slot-unavailable"])]
    title: Annotated[str, Field(examples=["The requested time is not free."])]
    status: Annotated[int, Field(examples=[409])]
    code: Annotated[str, Field(examples=["slot-unavailable"])]
    detail: Annotated[str, Field(examples=["Fetch the current state and decide again."])]


def problem_read(explained: Explained) -> ProblemRead:
    return {
        "type": f"/problems/{explained.code}",
        "title": explained.title,
        "status": explained.status,
        "code": explained.code,
        "detail": explained.advice,
    }
