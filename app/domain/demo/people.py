"""Who works at the demo salon and when, who visits it, and who looks after the platform."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final
from uuid import UUID

from app.core.i18n import Locale
from app.core.ids import named_id
from app.domain.providers import Provider, ProviderStatus, Schedule
from app.domain.roles import Role
from app.domain.schedules import Window, weekly
from app.domain.users import User, UserStatus

PASSWORD: Final = "banister-demo"  # noqa: S105  # printed at every start; see DemoRefused
OPENED: Final = datetime(2025, 1, 6, 8, tzinfo=UTC)
BERLIN: Final = "Europe/Berlin"
BISHKEK: Final = "Asia/Bishkek"
IN_BERLIN: Final = ("Juniper & Linden, Oderberger Straße 21, 10435 Berlin", 52.5406, 13.4105)
IN_BISHKEK: Final = ("Juniper & Linden, Toktogul Street 93, 720040 Bishkek", 42.8735, 74.5880)
PLACES: Final = {BERLIN: IN_BERLIN, BISHKEK: IN_BISHKEK}
DAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


@dataclass(frozen=True, slots=True)
class DemoAccount:
    """Somebody to sign in as, with PASSWORD."""

    title: str
    full_name: str
    role: Role = Role.CUSTOMER
    timezone: str = BERLIN
    locale: Locale = Locale.EN

    @property
    def name(self) -> str:
        return self.full_name.partition(" ")[0].lower()

    @property
    def email(self) -> str:
        return f"{self.name}@demo.example.com"

    @property
    def password(self) -> str:
        return PASSWORD


@dataclass(frozen=True, slots=True)
class _Performer:
    """`hours`: the days, then the windows of each of them."""

    account: DemoAccount
    bio: str
    hours: tuple[tuple[str, ...], ...]


STAFF: Final = (
    _Performer(
        DemoAccount("Provider", "Mara Vogt", Role.PROVIDER),
        "Master stylist and colourist, twenty years behind the chair, eleven of them in this"
        " one. Mara cuts for the way hair falls on the third day, not for the way it leaves the"
        " salon, and she will talk you out of a colour that your hair can't carry. Speaks German,"
        " English and Danish.",
        (("Tue Wed Thu Fri Sat", "10:00-14:00", "14:30-18:30"),),
    ),
    _Performer(
        DemoAccount("Provider", "Jonas Adler", Role.PROVIDER),
        "Barber and stylist for short and medium hair. Jonas learned with clippers and stayed for"
        " the scissors: clean fades, soft textures, beards that match the face above them. Open"
        " late for those who come after work.",
        (("Mon Tue Thu Fri", "11:00-15:00", "15:30-20:00"), ("Sat", "10:00-16:00")),
    ),
    _Performer(
        DemoAccount("Provider", "Sofia Marchetti", Role.PROVIDER),
        "Cuts, curls and wedding mornings. Sofia trained in Bologna and specialises in curly and"
        " wavy hair, cut dry and curl by curl. She also does nails when Lena is booked out.",
        (("Mon Wed Thu Fri Sat", "09:00-13:00", "13:45-17:30"),),
    ),
    _Performer(
        DemoAccount("Provider", "Lena Brandt", Role.PROVIDER),
        "Nails and brows with a steady hand. Lena works with vegan gels, files by hand and keeps"
        " her tools sterilised in sealed pouches that are opened in front of you.",
        (("Tue Wed Thu Fri", "08:30-12:30", "13:00-17:00"), ("Sat", "09:00-14:00")),
    ),
    _Performer(
        DemoAccount("Provider", "Aizada Toktosunova", Role.PROVIDER, BISHKEK, Locale.RU),
        "Aesthetician and massage therapist, formerly a physiotherapist at a clinic in Bishkek."
        " Calm hands, honest advice about skin, and warm river stones from the shore of"
        " Issyk-Kul. Speaks Kyrgyz, Russian and English.",
        (("Mon Tue Thu Fri", "10:00-13:30", "14:30-19:00"), ("Sat", "11:00-16:00")),
    ),
    _Performer(
        DemoAccount("Provider", "Timur Asanov", Role.PROVIDER, BISHKEK, Locale.RU),
        "A barber who comes to you. Timur packs chair, cape and clippers into one case and visits"
        " homes, offices and film sets all over Bishkek, from the early evening until well past"
        " midnight.",
        (("Wed Thu Fri Sat Sun", "17:00-01:00"),),
    ),
)
ACCOUNTS: Final = (
    DemoAccount("Customer", "Nora Lindqvist"),
    DemoAccount("Customer", "Emil Petrov", timezone=BISHKEK, locale=Locale.RU),
    *(one.account for one in STAFF),
    DemoAccount("Manager", "Greta Sommer", Role.MANAGEMENT),
    DemoAccount("Admin", "Oskar Klein", Role.ADMIN),
    DemoAccount("Super admin", "Ines Wagner", Role.SUPER_ADMIN),
    DemoAccount("Organizer", "Clara Winter", Role.ORGANIZER),
)


def account_id(name: str) -> UUID:
    return named_id(f"demo/account/{name}")


def provider_id(name: str) -> UUID:
    return named_id(f"demo/provider/{name}")


def accounts(password_hash: str) -> list[User]:
    """Return the accounts, their addresses confirmed, all with the password of this hash."""
    return [
        User(
            id=account_id(account.name),
            email=account.email,
            username=None,
            full_name=account.full_name,
            phone=None,
            password_hash=password_hash,
            roles=list(dict.fromkeys([str(Role.CUSTOMER), str(account.role)])),
            permissions=[],
            requested_role=None,
            status=UserStatus.ACTIVE,
            locale=account.locale,
            timezone=account.timezone,
            photo_id=None,
            email_verified_at=since(number),
            last_login_at=None,
            erased_at=None,
            created_at=since(number),
            updated_at=since(number),
        )
        for number, account in enumerate(ACCOUNTS)
    ]


def since(number: int) -> datetime:
    """Return when the n-th of a kind came to the salon: one after the other, so they sort."""
    return OPENED + timedelta(minutes=number)


def _provider(number: int, performer: _Performer) -> Provider:
    account = performer.account
    location, latitude, longitude = PLACES[account.timezone]
    return Provider(
        id=provider_id(account.name),
        user_id=account_id(account.name),
        name=account.full_name,
        bio=performer.bio,
        timezone=account.timezone,
        location=location,
        latitude=latitude,
        longitude=longitude,
        photo_id=None,
        status=ProviderStatus.ACTIVE,
        rating_average=0.0,
        rating_count=0,
        created_at=since(number),
        updated_at=since(number),
    )


def _schedule(performer: _Performer) -> Schedule:
    name, zone = performer.account.name, performer.account.timezone
    return Schedule(
        id=named_id(f"demo/schedule/{name}"),
        provider_id=provider_id(name),
        timezone=zone,
        effective_from=date(2025, 1, 6),
        weekly=weekly(
            [
                Window(DAYS.index(day), *map(_minutes, window.split("-")))
                for days, *windows in performer.hours
                for day in days.split()
                for window in windows
            ]
        ),
    )


def _minutes(clock: str) -> int:
    hours, minutes = clock.split(":")
    return int(hours) * 60 + int(minutes)


PROVIDERS: Final = tuple(_provider(number, one) for number, one in enumerate(STAFF))
SCHEDULES: Final = tuple(_schedule(one) for one in STAFF)
