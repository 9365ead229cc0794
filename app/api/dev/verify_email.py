"""Where the link of a first letter leads while there is no front end."""

from fastapi import APIRouter, Response

from app.api.dev.asking import page

router = APIRouter(include_in_schema=False)


@router.get("/verify-email")
async def show_verification() -> Response:
    """Ask before the token in the address is used."""
    return page(
        "Confirm your e-mail address",
        path="/auth/verify-email",
        button="Confirm my address",
        done="Confirmed. You can log in now.",
    )
