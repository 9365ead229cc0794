"""The customer's part of paying, while there is no bank."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path, Response, status

from app.api.deps import Anybody
from app.domain.disputes import DisputeState

router = APIRouter(prefix="/dev/payments", include_in_schema=False)


@router.post("/{payment_id}/succeed")
async def succeed(guest: Anybody, payment_id: UUID) -> Response:
    """Pay, as a customer whose card is good."""
    async with guest.writing() as services:
        await services.sandbox.play(payment_id, succeeds=True)
    return Response(status_code=status.HTTP_204_NO_CONTENT)


@router.post("/{payment_id}/fail")
async def fail(guest: Anybody, payment_id: UUID) -> Response:
    """Try to pay, as a customer whose card is declined."""
    async with guest.writing() as services:
        await services.sandbox.play(payment_id, succeeds=False)
    return Response(status_code=status.HTTP_204_NO_CONTENT)


@router.post("/{payment_id}/dispute/{state}")
async def dispute(guest: Anybody, payment_id: UUID, state: DisputeState) -> Response:
    """Take it back, as the customer's bank does, or decide about that."""
    async with guest.writing() as services:
        await services.sandbox.dispute(payment_id, state)
    return Response(status_code=status.HTTP_204_NO_CONTENT)


@router.post("/cards/{user_id}/{last4}")
async def save_card(
    guest: Anybody, user_id: UUID, last4: Annotated[str, Path(pattern="^[0-9]{4}$")]
) -> Response:
    """Save a test card: 4242 is good, 3155 wants its owner to be there, 0341 is declined."""
    async with guest.writing() as services:
        await services.sandbox.save_card(user_id, last4)
    return Response(status_code=status.HTTP_204_NO_CONTENT)
