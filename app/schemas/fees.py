"""Fees, as those who sell waive them."""

from typing import Annotated

from pydantic import Field

from app.schemas.base import Request, Text


class FeeWaiver(Request):
    reason: Annotated[Text, Field(max_length=500, examples=["She was ill."])] | None = None
