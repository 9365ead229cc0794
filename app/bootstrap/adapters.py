"""The outside world and what is costly to make, built once per process."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final

from app.bootstrap.buses import realtime_bus
from app.bootstrap.gateways import payment_gateways, sandbox_gateway
from app.bootstrap.messengers import push_sender, sms_sender, telegram_sender
from app.core.clock import Clock, system_clock
from app.core.config import Settings
from app.core.crypto import PasswordHasher, Signer
from app.core.database import (
    Database,
)
from app.core.recent import Recent
from app.core.tokens import Tokens
from app.domain.payments import GatewayName
from app.domain.ticket_codes import TicketSigner
from app.integrations.calendars.ical import ICalendar
from app.integrations.calendars.protocol import Calendars
from app.integrations.callouts.http import HttpCallouts
from app.integrations.callouts.protocol import Callouts
from app.integrations.callouts.reach import Reach
from app.integrations.documents.protocol import Documents
from app.integrations.documents.strict import StrictDocuments
from app.integrations.identity.oidc import Client, OidcProvider
from app.integrations.identity.protocol import IdentityProvider
from app.integrations.imaging.pillow import PillowImaging
from app.integrations.imaging.protocol import Imaging
from app.integrations.keeping.folder import FileKeeping
from app.integrations.keeping.protocol import KeptMessages
from app.integrations.limiting import stores
from app.integrations.limiting.protocol import Limiter
from app.integrations.mail.mailbox import FileMailbox
from app.integrations.mail.protocol import Mailbox, Mailer
from app.integrations.mail.smtp import SmtpMailer, SmtpServer
from app.integrations.payments.protocol import PaymentGateway
from app.integrations.payments.sandbox import SandboxGateway
from app.integrations.printing.protocol import Printing
from app.integrations.printing.reportlab import ReportlabPrinting
from app.integrations.push.protocol import PushSender
from app.integrations.realtime.protocol import Bus, Outgoing
from app.integrations.sms.protocol import SmsSender
from app.integrations.spreadsheets.files import SpreadsheetFiles
from app.integrations.spreadsheets.protocol import Spreadsheets
from app.integrations.storage.local import LocalStorage
from app.integrations.storage.protocol import Storage
from app.integrations.storage.s3 import Bucket, S3Storage
from app.integrations.telegram.protocol import TelegramSender
from app.integrations.writing.jinja import JinjaWriter
from app.integrations.writing.protocol import Writer
from app.repositories.limits import LimitRepository
from app.services.sessions import Seen

HTTPS: Final = frozenset({"https"})
HTTP_TOO: Final = frozenset({"http", "https"})
SEEN: Final = 10_000  # sessions of which a process remembers who is behind them


@dataclass(frozen=True, slots=True)
class Adapters:
    """The outside world and what is costly to make, built once per process."""

    settings: Settings
    clock: Clock
    tokens: Tokens
    signer: Signer
    ticket_signer: TicketSigner
    passwords: PasswordHasher
    identity: Mapping[str, IdentityProvider]
    limiter: Limiter
    mailbox: Mailbox
    mailer: Mailer
    kept_messages: KeptMessages
    sms: SmsSender | None
    push: PushSender | None
    telegram: TelegramSender | None
    writer: Writer
    imaging: Imaging
    documents: Documents
    printing: Printing
    spreadsheets: Spreadsheets
    storage: Storage
    calendars: Calendars
    callouts: Callouts
    gateways: Mapping[GatewayName, PaymentGateway]
    sandbox: SandboxGateway | None
    seen: Seen
    outgoing: Outgoing
    bus: Bus


def build_adapters(
    settings: Settings, clock: Clock = system_clock, database: Database | None = None
) -> Adapters:
    """Build them all; `database` is where is counted, if that is what the settings say."""

    @asynccontextmanager
    async def counts() -> AsyncIterator[LimitRepository]:
        assert database is not None
        async with database.read() as connection:
            yield LimitRepository(connection, clock)

    secret = settings.secret_key.get_secret_value()
    sandbox = sandbox_gateway(settings, clock)
    mailbox = FileMailbox(settings.data_dir / "mail", clock)
    keeping = FileKeeping(settings.data_dir / "messages")
    return Adapters(
        settings=settings,
        clock=clock,
        tokens=Tokens(secret, clock),
        signer=Signer(secret),
        ticket_signer=TicketSigner(secret),
        passwords=PasswordHasher(),
        identity=identity_providers(settings, clock),
        limiter=stores.limiter(settings, clock, counts),
        mailbox=mailbox,
        mailer=_smtp(settings, clock) if settings.smtp_host else mailbox,
        kept_messages=keeping,
        sms=sms_sender(settings, clock, keeping),
        push=push_sender(settings, clock, keeping),
        telegram=telegram_sender(settings, clock, keeping),
        writer=JinjaWriter(),
        imaging=PillowImaging(),
        documents=StrictDocuments(),
        printing=ReportlabPrinting(),
        spreadsheets=SpreadsheetFiles(),
        storage=_storage(settings),
        calendars=ICalendar(settings.mail_from),
        callouts=HttpCallouts(Reach(HTTPS if settings.is_production else HTTP_TOO)),
        gateways=payment_gateways(settings, clock, sandbox),
        sandbox=sandbox,
        seen=Recent(most=SEEN),
        outgoing=Outgoing(),
        bus=realtime_bus(settings, database),
    )


def identity_providers(
    settings: Settings, clock: Clock = system_clock
) -> Mapping[str, IdentityProvider]:
    """Return those that people can sign in with, by name."""
    clients = [
        Client(
            name=given.name,
            issuer=given.issuer,
            client_id=given.client_id,
            secret=given.client_secret.get_secret_value(),
            scopes=tuple(given.scopes),
        )
        for given in settings.oidc_clients
    ]
    return {client.name: OidcProvider(client, clock) for client in clients}


def _storage(settings: Settings) -> Storage:
    if not settings.s3_endpoint_url:
        return LocalStorage(settings.data_dir / "files")
    bucket = Bucket(
        endpoint=settings.s3_endpoint_url,
        name=settings.s3_bucket,
        region=settings.s3_region,
        key_id=settings.s3_access_key_id,
        secret=settings.s3_secret_access_key.get_secret_value(),
    )
    return S3Storage(bucket)


def _smtp(settings: Settings, clock: Clock) -> SmtpMailer:
    server = SmtpServer(
        host=settings.smtp_host,
        port=settings.smtp_port,
        username=settings.smtp_username,
        password=settings.smtp_password.get_secret_value(),
        tls=settings.smtp_tls,
    )
    return SmtpMailer(server, sender=settings.mail_from, clock=clock)
