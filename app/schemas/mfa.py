"""Second factors as the API asks for them and shows them."""

from datetime import datetime
from io import BytesIO
from typing import Annotated, Final, Self

import segno
from pydantic import ConfigDict, Field, model_validator
from typing_extensions import TypedDict

from app.domain.mfa import Enrolment
from app.schemas.accounts import ATime, Password
from app.schemas.auth import SessionWanted
from app.schemas.base import Request

A_SECRET: Final = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"  # noqa: S105  # an example
A_URI: Final = f"otpauth://totp/Banister:ada%40example.com?secret={A_SECRET}&issuer=Banister"
DOT: Final = 4  # pixels

Code = Annotated[
    str,
    Field(
        min_length=1,
        max_length=40,
        description="Six digits of the app, or a recovery code; spaces and hyphens don't count.",
        examples=["204918"],
    ),
]
AppCode = Annotated[
    str,
    Field(
        min_length=1,
        max_length=40,
        description="Six digits of the app; spaces and hyphens don't count.",
        examples=["204918"],
    ),
]


class SetUpTotp(Request):
    password: Password | None = None
    """Left out by accounts that have none; they must have signed in just now."""


class ActivateTotp(Request):
    code: AppCode


class TurnOffTotp(Request):
    """Both are asked for: each alone could be stolen."""

    password: Password | None = None
    """Left out by accounts that have none; they must have signed in or stepped up just now."""
    code: Code


class RenewRecoveryCodes(Request):
    code: Code


class LogInWithCode(SessionWanted):
    mfa_token: Annotated[
        str,
        Field(
            min_length=1,
            max_length=2048,
            examples=["eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.e30.c2lnbg"],
        ),
    ]
    """From the problem `mfa-required`; good for five minutes."""
    code: Code


class StepUp(Request):
    """Either the `password` or a `code` of the second factor."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"password": "correct horse battery"}]}
    )

    password: Password | None = None
    code: Code | None = None

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if (self.password is None) == (self.code is None):
            raise ValueError("Give either the password or a code.")
        return self


class EnrolmentRead(TypedDict):
    """What an authenticator app makes codes of: to type, to tap, or to scan."""

    secret: Annotated[str, Field(examples=[A_SECRET])]
    otpauth_uri: Annotated[str, Field(examples=[A_URI])]
    qr_svg: Annotated[
        str,
        Field(
            description="An SVG document with the URI as a QR code.",
            examples=['<svg xmlns="http://www.w3.org/2000/svg" width="180" height="180"></svg>'],
        ),
    ]


class RecoveryCodesRead(TypedDict):
    recovery_codes: Annotated[
        list[str],
        Field(
            description="Each opens the account once in the place of a code of the app.",
            examples=[["7rk2m-x0v9d", "q4hzt-3b8na"]],
        ),
    ]


class StepUpRead(TypedDict):
    expires_at: Annotated[ATime, Field(description="Until then nothing is asked again.")]


def enrolment_read(enrolment: Enrolment) -> EnrolmentRead:
    return {
        "secret": enrolment.secret,
        "otpauth_uri": enrolment.uri,
        "qr_svg": _qr_code(enrolment.uri),
    }


def step_up_read(expires_at: datetime) -> StepUpRead:
    return {"expires_at": expires_at}


def recovery_codes_read(codes: list[str]) -> RecoveryCodesRead:
    return {"recovery_codes": codes}


def _qr_code(text: str) -> str:
    """Return a QR code, dark on white also where the page around it is dark."""
    drawn = BytesIO()
    segno.make_qr(text).save(drawn, kind="svg", scale=DOT, light="#fff", xmldecl=False, nl=False)
    return drawn.getvalue().decode()
