"""An explanation of a problem code."""

from dataclasses import dataclass
from typing import Annotated

from pydantic import Field
from typing_extensions import TypedDict


@dataclass(frozen=True, slots=True)
class Explained:
    code: str
    title: str
    status: int
    advice: str


class ProblemRead(TypedDict):
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
