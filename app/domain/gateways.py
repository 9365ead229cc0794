"""How asking a payment gateway can end, and what is wrong with what it tells."""

from app.core.errors import Malformed, Unavailable


class GatewayUnavailable(Unavailable):
    """The payment gateway is not answering; try again in a moment."""

    is_repeated: bool = True
    """False where the call may be under way still, and has to wait before it is made again."""


class GatewayRefused(Exception):
    """The gateway said no for good; `code` is its word for why, and nothing was done."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class InvalidSignature(Malformed):
    """The signature does not fit."""


class UnreadableNotice(Malformed):
    """The notice is signed, and says nothing that can be understood."""
