"""Every table, imported once so that Alembic sees all of them.

Columns, named constraints and indexes: the promises are kept here. A class is named for its
table, in the plural: `Bookings` is the table, `domain.Booking` a row. Nothing here is ever
instantiated, and there are no relationships.
"""

from app.models.access import ApiKeys, Identities, OauthFlows, RecoveryCodes, TotpFactors
from app.models.audit import AuditLog
from app.models.base import Model
from app.models.bookings import BookingChanges, Bookings
from app.models.cards import GatewayCustomers, SavedCards
from app.models.categories import Categories
from app.models.chat import (
    ChatBlocks,
    ChatDigests,
    ChatMessages,
    ChatReports,
    ConversationMembers,
    Conversations,
)
from app.models.events import (
    CheckIns,
    EventCapacity,
    Events,
    Tickets,
    TicketTypes,
    WaitlistEntries,
)
from app.models.files import Files
from app.models.hours import (
    CalendarFeeds,
    Closures,
    ExternalBusy,
    ExternalCalendars,
    Overrides,
    TimeOff,
)
from app.models.idempotency import IdempotencyRecords
from app.models.jobs import JobLog, Jobs
from app.models.ledger import LedgerAccounts, LedgerEntries, LedgerPostings
from app.models.limits import RateLimits
from app.models.notifications import (
    NotificationDeliveries,
    NotificationPreferences,
    Notifications,
    Suppressions,
)
from app.models.offerings import Offerings, ProviderOfferings
from app.models.payments import Disputes, GatewayEvents, Payments, Refunds
from app.models.payouts import Commissions, Payouts
from app.models.promo_codes import PromoCodes, PromoUses
from app.models.providers import Providers, Schedules
from app.models.reaching import (
    Devices,
    PhoneVerifications,
    TelegramLinks,
    TelegramUpdates,
    TextReports,
)
from app.models.realtime import FramePositions, RealtimeFrames, RealtimeTickets
from app.models.receipts import ReceiptCounters, Receipts
from app.models.reminders import ReminderProgress
from app.models.reviews import (
    ReviewInvitations,
    ReviewReports,
    Reviews,
    ReviewTotals,
    ReviewVotes,
)
from app.models.sessions import RefreshTokens, Sessions
from app.models.slot_waits import SlotWaits
from app.models.users import EmailChanges, EmailVerifications, PasswordResets, Photos, Users
from app.models.wallets import WalletTransfers

__all__ = [
    "ApiKeys",
    "AuditLog",
    "BookingChanges",
    "Bookings",
    "CalendarFeeds",
    "Categories",
    "ChatBlocks",
    "ChatDigests",
    "ChatMessages",
    "ChatReports",
    "CheckIns",
    "Closures",
    "Commissions",
    "ConversationMembers",
    "Conversations",
    "Devices",
    "Disputes",
    "EmailChanges",
    "EmailVerifications",
    "EventCapacity",
    "Events",
    "ExternalBusy",
    "ExternalCalendars",
    "Files",
    "FramePositions",
    "GatewayCustomers",
    "GatewayEvents",
    "IdempotencyRecords",
    "Identities",
    "JobLog",
    "Jobs",
    "LedgerAccounts",
    "LedgerEntries",
    "LedgerPostings",
    "Model",
    "NotificationDeliveries",
    "NotificationPreferences",
    "Notifications",
    "OauthFlows",
    "Offerings",
    "Overrides",
    "PasswordResets",
    "Payments",
    "Payouts",
    "PhoneVerifications",
    "Photos",
    "PromoCodes",
    "PromoUses",
    "ProviderOfferings",
    "Providers",
    "RateLimits",
    "RealtimeFrames",
    "RealtimeTickets",
    "ReceiptCounters",
    "Receipts",
    "RecoveryCodes",
    "RefreshTokens",
    "Refunds",
    "ReminderProgress",
    "ReviewInvitations",
    "ReviewReports",
    "ReviewTotals",
    "ReviewVotes",
    "Reviews",
    "SavedCards",
    "Schedules",
    "Sessions",
    "SlotWaits",
    "Suppressions",
    "TelegramLinks",
    "TelegramUpdates",
    "TextReports",
    "TicketTypes",
    "Tickets",
    "TimeOff",
    "TotpFactors",
    "Users",
    "WaitlistEntries",
    "WalletTransfers",
]
