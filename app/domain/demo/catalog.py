"""What the demo salon offers, who performs it, and at which price."""

from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

from app.core.ids import named_id
from app.domain.categories import Category
from app.domain.demo.people import account_id, provider_id, since
from app.domain.offerings import DEFAULTS, Offering, OfferingStatus, PaymentTerms, Performance


@dataclass(frozen=True, slots=True)
class _Category:
    slug: str
    name: str
    description: str
    parent: str | None = None


@dataclass(frozen=True, slots=True)
class _Offering:
    """`by`: each performer with an own price and an own length in minutes, where they have one."""

    key: str
    category: str
    name: str
    description: str
    tags: list[str]
    minutes: int
    price: int
    by: dict[str, tuple[int | None, int | None]]
    currency: str = "EUR"
    terms: dict[str, Any] = field(default_factory=dict)


TREE: Final = (
    _Category(
        "hair",
        "Hair",
        "Cuts, colour and styling for every kind of hair. A cut always includes a wash, a head"
        " massage and an honest conversation.",
    ),
    _Category(
        "barbering",
        "Barbering",
        "Fades, beards and everything that is done with clippers, in the salon or at your home.",
        parent="hair",
    ),
    _Category(
        "nails",
        "Nails",
        "Manicures and pedicures with vegan polish and tools sterilised for each visit.",
    ),
    _Category(
        "face-and-body",
        "Face & body",
        "Facials, brows and massage. Tell us about allergies and we mix without.",
    ),
)
AS_LISTED: Final = (None, None)
MENU: Final = (
    _Offering(
        "signature-haircut",
        "hair",
        "Signature haircut",
        "A full hour for your hair: we look at how it grows, wash it, cut it and show you how to"
        " style it in five minutes at home. Any length. If something bothers you within two weeks,"
        " come back and we correct it free of charge.",
        ["haircut", "wash", "styling"],
        60,
        48_00,
        {"mara": (62_00, None), "jonas": AS_LISTED, "sofia": (54_00, 75)},
        terms={"free_until_minutes": 24 * 60, "late_fee_percent": 50},
    ),
    _Offering(
        "fringe-trim",
        "hair",
        "Fringe & neckline trim",
        "The small haircut between two haircuts: fringe, neckline and around the ears, on dry hair"
        " and without a wash. In and out in twenty minutes.",
        ["haircut", "trim", "quick"],
        20,
        15_00,
        {"jonas": AS_LISTED, "sofia": AS_LISTED},
        terms={"slot_step_minutes": 10, "min_notice_minutes": 30, "max_horizon_days": 30},
    ),
    _Offering(
        "balayage",
        "hair",
        "Balayage & gloss",
        "Hand-painted highlights that grow out softly, with a gloss to finish and a cut of the"
        " ends. Please come with dry hair that was not washed the same day. Three hours are"
        " reserved for you, so it is paid when you book.",
        ["colour", "highlights", "gloss"],
        180,
        185_00,
        {"mara": AS_LISTED},
        terms={
            "payment": PaymentTerms.PREPAID,
            "buffer_after_minutes": 15,
            "min_notice_minutes": 24 * 60,
            "max_horizon_days": 90,
            "free_until_minutes": 48 * 60,
            "late_fee_percent": 50,
        },
    ),
    _Offering(
        "bridal-styling",
        "hair",
        "Bridal styling",
        "Hair for the day, pinned to last until the last dance, with a trial run beforehand and"
        " flowers or a veil worked in. Sofia reads every request and confirms it in person, so"
        " tell her the date, the place and the dress in the notes.",
        ["wedding", "styling", "updo"],
        120,
        210_00,
        {"sofia": AS_LISTED},
        terms={
            "approval_required": True,
            "slot_step_minutes": 60,
            "buffer_before_minutes": 15,
            "buffer_after_minutes": 30,
            "min_notice_minutes": 3 * 24 * 60,
            "max_horizon_days": 365,
            "free_until_minutes": 14 * 24 * 60,
            "late_fee_percent": 100,
        },
    ),
    _Offering(
        "consultation",
        "hair",
        "Video consultation",
        "Twenty minutes by video, free and without obligation: show us your hair or your skin,"
        " ask what you always wanted to ask, and leave with a plan and a price. Mara answers from"
        " Berlin, Aizada from Bishkek.",
        ["consultation", "free", "online"],
        20,
        0,
        {"mara": AS_LISTED, "aizada": AS_LISTED},
        terms={
            "payment": PaymentTerms.FREE,
            "slot_step_minutes": 20,
            "buffer_after_minutes": 10,
            "min_notice_minutes": 120,
            "max_horizon_days": 21,
        },
    ),
    _Offering(
        "fade-and-beard",
        "barbering",
        "Skin fade & beard",
        "A haircut that fades from skin to whatever length you like on top, beard shaped with the"
        " razor, hot towel and oil. Eyebrows and ears are included, talk about football is not.",
        ["haircut", "fade", "beard"],
        45,
        38_00,
        {"jonas": AS_LISTED},
        terms={"slot_step_minutes": 15, "free_until_minutes": 120, "late_fee_percent": 50},
    ),
    _Offering(
        "barber-at-home",
        "barbering",
        "Barber at home, until late",
        "Timur comes to you anywhere in Bishkek, brings chair, cape and light, and leaves the"
        " floor as he found it. Haircut and beard in one visit. Half an hour on either side is"
        " kept for the way, so the time you choose is the time he rings.",
        ["haircut", "beard", "home-visit", "late"],
        60,
        2_500_00,
        {"timur": AS_LISTED},
        currency="KGS",
        terms={
            "buffer_before_minutes": 30,
            "buffer_after_minutes": 30,
            "min_notice_minutes": 180,
            "max_horizon_days": 30,
            "free_until_minutes": 180,
            "late_fee_percent": 30,
        },
    ),
    _Offering(
        "gel-manicure",
        "nails",
        "Gel manicure",
        "Cuticle care, filing by hand, a vegan gel in one of ninety colours and a hand massage."
        " Holds for three weeks. Old gel is taken off at no extra charge.",
        ["manicure", "gel", "vegan"],
        60,
        42_00,
        {"lena": AS_LISTED, "sofia": (39_00, 75)},
        terms={"slot_step_minutes": 15, "buffer_after_minutes": 10},
    ),
    _Offering(
        "spa-pedicure",
        "nails",
        "Spa pedicure",
        "A salt bath with mountain herbs, care for nails and heels, a massage up to the knee and"
        " polish if you like. Bring open shoes on cold days, the polish will thank you.",
        ["pedicure", "spa", "massage"],
        75,
        49_00,
        {"lena": AS_LISTED},
        terms={"slot_step_minutes": 15, "buffer_after_minutes": 15},
    ),
    _Offering(
        "brow-lamination",
        "face-and-body",
        "Brow lamination & lash tint",
        "Brows lifted, shaped and tinted, lashes tinted to match; together they last six to eight"
        " weeks. New here? We test a drop on your skin two days before.",
        ["brows", "lashes", "tint"],
        45,
        46_00,
        {"lena": AS_LISTED},
        terms={"slot_step_minutes": 15, "min_notice_minutes": 12 * 60},
    ),
    _Offering(
        "deep-facial",
        "face-and-body",
        "Deep-cleansing facial",
        "Steam, enzyme peeling, gentle extraction and a mask mixed for your skin, then ten minutes"
        " of massage for neck and shoulders. Skin stays pink for an hour, so better not before a"
        " party.",
        ["facial", "skin"],
        75,
        3_200_00,
        {"aizada": AS_LISTED},
        currency="KGS",
        terms={"buffer_after_minutes": 15, "free_until_minutes": 12 * 60, "late_fee_percent": 50},
    ),
    _Offering(
        "stone-massage",
        "face-and-body",
        "Warm stone massage",
        "Ninety slow minutes with basalt from the shore of Issyk-Kul, warmed to the temperature"
        " you like, and oil pressed from apricot kernels. For tired backs and long flights. Not"
        " suitable during pregnancy; ask about the gentle version.",
        ["massage", "spa", "back"],
        90,
        4_500_00,
        {"aizada": AS_LISTED},
        currency="KGS",
        terms={
            "buffer_before_minutes": 10,
            "buffer_after_minutes": 20,
            "min_notice_minutes": 240,
            "free_until_minutes": 24 * 60,
            "late_fee_percent": 50,
        },
    ),
)


def category_id(slug: str) -> UUID:
    return named_id(f"demo/category/{slug}")


def offering_id(key: str) -> UUID:
    return named_id(f"demo/offering/{key}")


def _category(number: int, entry: _Category) -> Category:
    return Category(
        id=category_id(entry.slug),
        parent_id=category_id(entry.parent) if entry.parent else None,
        name=entry.name,
        slug=entry.slug,
        description=entry.description,
        position=number,
        created_at=since(number),
        updated_at=since(number),
    )


def _offering(number: int, entry: _Offering) -> Offering:
    terms = {
        **DEFAULTS,
        "slot_step_minutes": 30,
        "payment": PaymentTerms.ON_SITE,
        "category_id": category_id(entry.category),
        "description": entry.description,
        "tags": entry.tags,
        **entry.terms,
    }
    return Offering(
        id=offering_id(entry.key),
        owner_id=account_id(next(iter(entry.by))),
        name=entry.name,
        duration_minutes=entry.minutes,
        price_amount=entry.price,
        price_currency=entry.currency,
        status=OfferingStatus.ACTIVE,
        rating_average=0.0,
        rating_count=0,
        created_at=since(number),
        updated_at=since(number),
        **terms,
    )


CATEGORIES: Final = tuple(_category(number, entry) for number, entry in enumerate(TREE))
OFFERINGS: Final = tuple(_offering(number, entry) for number, entry in enumerate(MENU))
PERFORMANCES: Final = tuple(
    Performance(offering_id(entry.key), provider_id(name), price, minutes)
    for entry in MENU
    for name, (price, minutes) in entry.by.items()
)
