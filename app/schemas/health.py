"""Health as the API shows it."""

from typing import Annotated, Literal

from pydantic import Field
from typing_extensions import TypedDict


class HealthRead(TypedDict):
    status: Annotated[Literal["ok", "unavailable"], Field(examples=["ok"])]


def health_read(healthy: bool) -> HealthRead:
    return {"status": "ok" if healthy else "unavailable"}
