"""Every statement about conversations. Whoever changes anything in one locks its row first."""

from typing import Any, Final
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Boolean,
    DateTime,
    Integer,
    String,
    Uuid,
    and_,
    bindparam,
    case,
    func,
    literal,
    null,
    select,
    union_all,
    update,
)
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import aliased

from app.core.database import Connection
from app.core.listing import Page, PageRequest
from app.core.statements import Command, Query
from app.domain.chat_messages import ChatMessage
from app.domain.conversations import (
    Conversation,
    ConversationEntry,
    ConversationFilter,
    ConversationSort,
    Participant,
    Subject,
)
from app.domain.sides import Side
from app.models import (
    Bookings,
    ChatMessages,
    ConversationMembers,
    Conversations,
    Events,
    Offerings,
    Providers,
    Users,
)
from app.repositories.base import Listing, columns, parameters, values

ID: Final = bindparam("conversation_id", type_=Uuid)
USER_ID: Final = bindparam("user_id", type_=Uuid)
SIDE: Final = bindparam("side", type_=String)
NOW: Final = bindparam("now", type_=DateTime(timezone=True))
ROW: Final = columns(Conversations, Conversation)
WIDTH: Final = len(ROW)

# Names are read where they are kept: whoever is erased, or renamed, is so everywhere.
CUSTOMER: Final = aliased(Users, name="customer")
PARTNER: Final = aliased(Users, name="partner")
THEIRS: Final = aliased(ConversationMembers, name="of_customer")
OTHERS: Final = aliased(ConversationMembers, name="of_partner")
LAST: Final = aliased(ChatMessages, name="last")
TITLE: Final = func.coalesce(Bookings.title, Events.title, Offerings.name).label("title")
PARTNER_NAME: Final = case(
    (Conversations.partner_side == Side.PROVIDER, func.coalesce(Providers.name, PARTNER.full_name)),
    (Conversations.partner_side == Side.ORGANIZER, PARTNER.full_name),
    else_=null(),
).label("partner_name")


def _shown(viewer: Any) -> list[Any]:
    return [
        *ROW,
        TITLE,
        CUSTOMER.full_name.label("customer_name"),
        THEIRS.read_seq.label("customer_read"),
        THEIRS.unread.label("customer_unread"),
        PARTNER_NAME,
        OTHERS.read_seq.label("partner_read"),
        OTHERS.unread.label("partner_unread"),
        viewer.label("viewer"),
        *(getattr(LAST, name).label(f"last_{name}") for name in ChatMessage.__slots__),
    ]


def _joined(source: Any) -> Any:
    """Join to conversations what is told of each: neither more rows nor fewer."""
    return (
        source.join(CUSTOMER, CUSTOMER.id == Conversations.customer_id)
        .outerjoin(PARTNER, PARTNER.id == Conversations.partner_id)
        .outerjoin(
            Providers,
            and_(
                Providers.user_id == Conversations.partner_id,
                Conversations.partner_side == Side.PROVIDER,
            ),
        )
        .outerjoin(Bookings, Bookings.id == Conversations.booking_id)
        .outerjoin(Events, Events.id == Conversations.event_id)
        .outerjoin(Offerings, Offerings.id == Conversations.service_id)
        .join(
            THEIRS,
            and_(THEIRS.conversation_id == Conversations.id, THEIRS.side == Side.CUSTOMER),
        )
        .join(
            OTHERS,
            and_(OTHERS.conversation_id == Conversations.id, OTHERS.side != Side.CUSTOMER),
        )
        .outerjoin(
            LAST,
            and_(LAST.conversation_id == Conversations.id, LAST.seq == Conversations.last_seq),
        )
    )


def _entry(*row: Any) -> ConversationEntry:
    kept = Conversation(*row[:WIDTH])
    title, customer, customer_read, customer_unread, *others, viewer = row[WIDTH : WIDTH + 8]
    last = row[WIDTH + 8 :]
    return ConversationEntry(
        conversation=kept,
        title=title,
        customer=Participant(
            kept.customer_id, Side.CUSTOMER, customer, customer_read, customer_unread
        ),
        partner=Participant(kept.partner_id, kept.partner_side, *others),
        last_message=None if last[0] is None else ChatMessage(*last),
        viewer=Side(viewer),
    )


ONE: Final = select(*ROW).where(Conversations.id == ID)
BY_ID: Final = Query(ONE, Conversation)
LOCK: Final = Query(ONE.with_for_update(), Conversation)
ENTRY: Final = Query(
    select(*_shown(SIDE))
    .select_from(_joined(Conversations.__table__))
    .where(Conversations.id == ID),
    _entry,
)

MADE: Final = (
    insert(Conversations)
    .values(parameters(Conversations, Conversation))
    .on_conflict_do_nothing()
    .returning(
        Conversations.id,
        Conversations.customer_id,
        Conversations.partner_id,
        Conversations.partner_side,
        Conversations.created_at,
    )
    .cte("made")
)
SIDES: Final = (
    insert(ConversationMembers)
    .from_select(
        ["conversation_id", "side", "user_id", "active_at"],
        union_all(
            select(MADE.c.id, literal(Side.CUSTOMER.value), MADE.c.customer_id, MADE.c.created_at),
            select(MADE.c.id, MADE.c.partner_side, MADE.c.partner_id, MADE.c.created_at),
        ),
    )
    .returning(ConversationMembers.conversation_id)
    .cte("sides")
)
OPEN: Final = Query(select(MADE.c.id).add_cte(SIDES), lambda id_: id_)
OF_SUBJECT: Final = {
    Subject.BOOKING: Conversations.booking_id,
    Subject.EVENT: Conversations.event_id,
    Subject.SERVICE: Conversations.service_id,
}
THERE: Final = {
    subject: Query(
        select(*ROW).where(
            column == bindparam("subject_id", type_=Uuid),
            Conversations.customer_id == bindparam("customer_id", type_=Uuid),
            Conversations.partner_id == bindparam("partner_id", type_=Uuid),
        ),
        Conversation,
    )
    for subject, column in OF_SUBJECT.items()
}
WITH_SUPPORT: Final = Query(
    select(*ROW).where(
        Conversations.customer_id == bindparam("customer_id", type_=Uuid),
        Conversations.subject == Subject.SUPPORT,
    ),
    Conversation,
)

# What is unread is counted from where they have read to: never over all there is.
SEQ: Final = bindparam("seq", type_=BigInteger)
LEFT: Final = (
    select(func.count().cast(Integer))
    .where(
        ChatMessages.conversation_id == ID,
        ChatMessages.seq > SEQ,
        ChatMessages.side != SIDE,
        ChatMessages.deleted_at.is_(None),
    )
    .scalar_subquery()
)
READ: Final = Command(
    update(ConversationMembers)
    .where(
        ConversationMembers.conversation_id == ID,
        ConversationMembers.side == SIDE,
        ConversationMembers.read_seq < SEQ,
    )
    .values(
        read_seq=SEQ,
        unread=LEFT,
        digest_at=case((LEFT > 0, ConversationMembers.digest_at), else_=null()),
    )
)

PUT: Final = (
    update(Conversations)
    .where(Conversations.id == ID)
    .values(partner_id=USER_ID)
    .returning(Conversations.id)
    .cte("put")
)
ASSIGN: Final = Command(
    update(ConversationMembers)
    .where(
        ConversationMembers.conversation_id == PUT.c.id,
        ConversationMembers.side == Side.SUPPORT,
    )
    .values(user_id=USER_ID, digest_at=null())
)

MATCHING: Final = Listing(
    ConversationMembers,
    _entry,
    shown=_shown(ConversationMembers.side),
    source=_joined(
        ConversationMembers.__table__.join(
            Conversations.__table__, Conversations.id == ConversationMembers.conversation_id
        )
    ),
    unique=ConversationMembers.__table__.c.conversation_id,
    filters={
        "user_id": ConversationMembers.user_id == USER_ID,
        "apart_from_support": and_(
            bindparam("apart_from_support", type_=Boolean), ConversationMembers.side != Side.SUPPORT
        ),
        "with_support": and_(
            bindparam("with_support", type_=Boolean), ConversationMembers.side == Side.SUPPORT
        ),
        "assigned": ConversationMembers.user_id.is_not(None)
        == bindparam("assigned", type_=Boolean),
    },
    sorts={"updated_at": ConversationMembers.active_at},
)


class ConversationRepository:
    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    async def get(self, conversation_id: UUID) -> Conversation | None:
        return await self.connection.first(BY_ID, conversation_id=conversation_id)

    async def lock(self, conversation_id: UUID) -> Conversation | None:
        """Return it, and let nobody else write, read or decide in it until this is over."""
        return await self.connection.first(LOCK, conversation_id=conversation_id)

    async def entry(self, conversation_id: UUID, *, viewer: Side) -> ConversationEntry | None:
        """Return it as one side of it sees it."""
        return await self.connection.first(ENTRY, conversation_id=conversation_id, side=viewer)

    async def open(self, conversation: Conversation) -> bool:
        """Add it with both its sides; return whether there was none about that yet."""
        return await self.connection.first(OPEN, **values(conversation)) is not None

    async def like(self, wanted: Conversation) -> Conversation | None:
        """Return the one of the same people about the same thing."""
        if wanted.is_with_support:
            return await self.connection.first(WITH_SUPPORT, customer_id=wanted.customer_id)
        about = wanted.booking_id or wanted.event_id or wanted.service_id
        return await self.connection.first(
            THERE[wanted.subject],
            subject_id=about,
            customer_id=wanted.customer_id,
            partner_id=wanted.partner_id,
        )

    async def read(self, conversation_id: UUID, side: Side, *, up_to: int) -> bool:
        """Move how far they have read, never back; return whether it moved. It must be locked."""
        moved = await self.connection.run(
            READ, conversation_id=conversation_id, side=side, seq=up_to
        )
        return moved > 0

    async def assign(self, conversation_id: UUID, user_id: UUID | None) -> None:
        """Say who answers for support, or that nobody does yet. It must be locked."""
        await self.connection.run(ASSIGN, conversation_id=conversation_id, user_id=user_id)

    async def matching(
        self, wanted: ConversationFilter, request: PageRequest[ConversationSort]
    ) -> Page[ConversationEntry]:
        return await MATCHING.page(self.connection, wanted, request)
