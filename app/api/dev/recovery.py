"""Where the links of letters about passwords and addresses lead while there is no front end."""

from fastapi import APIRouter, Response

from app.api.dev.asking import field, page

router = APIRouter(include_in_schema=False)


@router.get("/forgot-password")
async def show_forgotten_password() -> Response:
    """Ask for the address to send a link to."""
    return page(
        "Choose a new password",
        path="/auth/password/forgot",
        button="Send me a link",
        done="If this address has an account, a letter is on its way.",
        field=field("email", "email", fill="username", label="Your e-mail address"),
    )


@router.get("/reset-password")
async def show_password_reset() -> Response:
    """Ask for a new password."""
    return page(
        "Choose a new password",
        path="/auth/password/reset",
        button="Change my password",
        done="Done. You can log in with it now.",
        field=field("new_password", "password", fill="new-password", label="Your new password"),
    )


@router.get("/confirm-email")
async def show_email_change() -> Response:
    """Ask before the token in the address is used."""
    return page(
        "Change your e-mail address",
        path="/auth/email/confirm",
        button="Confirm it",
        done="Confirmed. It is changed once the other address has confirmed it too.",
    )
