"""Coming in, as the API asks for it and answers."""

from typing import Annotated, Final, Literal, NotRequired, Self

from pydantic import ConfigDict, Field, model_validator
from typing_extensions import TypedDict

from app.core.i18n import Locale, translate
from app.domain.sessions import TokenPair
from app.domain.users import AccountType, Registration
from app.schemas.accounts import Email, FullName, NewPassword, Password, Phone, Username
from app.schemas.base import Flag, Line, Request, Zone

BEARER: Final = "bearer"
SENT: Final = "If this address waits for a code, one is on its way."
A_TOKEN: Final = "dGhpcyBpcyBub3QgYSB0b2tlbiwgYnV0IGxvb2tzIGxpa2Ugb25l"  # noqa: S105  # an example


class Register(Request):
    email: Email
    password: NewPassword
    full_name: FullName | None = None
    username: Username | None = None
    phone: Phone | None = None
    account_type: Annotated[AccountType, Field(examples=["customer"])] = AccountType.CUSTOMER
    locale: Annotated[Locale | None, Field(examples=["en"])] = None
    """Of letters and notifications; by default what Accept-Language asks for."""
    timezone: Zone = "UTC"

    def registration(self, spoken: Locale) -> Registration:
        return Registration(
            email=self.email,
            password=self.password,
            locale=self.locale or spoken,
            full_name=self.full_name,
            username=self.username,
            phone=self.phone,
            account_type=self.account_type,
            timezone=self.timezone,
        )


class VerifyEmail(Request):
    """Either `email` and `code` as the letter has it, or the `token` of its link."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"email": "ada@example.com", "code": "204918"}]}
    )

    email: Email | None = None
    code: Annotated[str, Field(pattern="^[0-9]{6}$", examples=["204918"])] | None = None
    token: Annotated[str, Field(min_length=1, max_length=200)] | None = None

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        by_code = self.email is not None and self.code is not None and self.token is None
        by_link = self.token is not None and self.email is None and self.code is None
        if not (by_code or by_link):
            raise ValueError("Give email and code, or token alone.")
        return self


class ResendVerification(Request):
    email: Email


class SessionWanted(Request):
    device: (
        Annotated[Line, Field(min_length=1, max_length=100, examples=["Ada's phone"])] | None
    ) = None
    cookie: Annotated[Flag, Field(examples=[False])] = False
    """Keep the refresh token in an httpOnly cookie: for browsers."""


class LogIn(SessionWanted):
    email: Email
    password: Password


class PasswordForm(Request):
    """The resource owner password grant (RFC 6749, 4.3), as Swagger's Authorize button sends it."""

    username: Email
    """The e-mail address."""
    password: Password
    grant_type: Literal["password"] = "password"
    scope: Annotated[str, Field(max_length=200, examples=[""])] = ""
    client_id: Annotated[str, Field(max_length=200, examples=[""])] = ""
    client_secret: Annotated[str, Field(max_length=200, examples=[""])] = ""


class RefreshTokens(Request):
    refresh_token: (
        Annotated[str, Field(min_length=1, max_length=200, examples=[A_TOKEN])] | None
    ) = None
    """Not needed where the cookie has it."""


class SentRead(TypedDict):
    """The same whoever's address it is, or nobody's."""

    message: Annotated[str, Field(examples=[SENT])]


class TokenPairRead(TypedDict):
    """`refresh_token` is missing where a cookie has it."""

    access_token: Annotated[
        str, Field(examples=["eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.e30.c2lnbg"])
    ]
    token_type: Annotated[Literal["bearer"], Field(examples=[BEARER])]
    expires_in: Annotated[int, Field(description="Seconds.", examples=[900])]
    refresh_token: NotRequired[Annotated[str, Field(examples=[A_TOKEN])]]


def sent_read(locale: Locale) -> SentRead:
    return {"message": translate(SENT, locale)}


def access_read(pair: TokenPair) -> TokenPairRead:
    return {"access_token": pair.access, "token_type": BEARER, "expires_in": pair.expires_in}


def token_pair_read(pair: TokenPair) -> TokenPairRead:
    return {**access_read(pair), "refresh_token": pair.refresh}
