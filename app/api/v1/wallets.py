"""One's own wallet: what is in it, what moved, and handing money to somebody else."""

from fastapi import Request, Response, status

from app.api import queries
from app.api.answers import Answers
from app.api.deps import IdempotencyKey, Visitor
from app.api.errors import problems
from app.api.queries import MalformedQuery
from app.api.routing import API, stem
from app.core.listing import InvalidCursor
from app.domain.accounts import UserNotFound
from app.domain.actors import SessionRequired, StepUpRequired
from app.domain.idempotency import IdempotencyKeyInUse, IdempotencyKeyReused
from app.domain.ledger import InsufficientFunds, TransferToOneself
from app.domain.wallets import TransferLimitReached
from app.schemas.base import Listing, listing
from app.schemas.wallets import (
    WalletRead,
    WalletTransactionQuery,
    WalletTransactionRead,
    WalletTransferCreate,
    WalletTransferRead,
    wallet_read,
    wallet_transaction_read,
    wallet_transfer_read,
)

router = stem("wallets", prefix=f"{API}/wallet")
WALLET = Answers(wallet_read)
TRANSACTIONS = Answers(listing(wallet_transaction_read))
TRANSFER = Answers(wallet_transfer_read)


@router.get("", response_model=WalletRead, responses=problems(SessionRequired))
async def get_wallet(visitor: Visitor) -> Response:
    """Get what is in one's wallet."""
    async with visitor.reading() as caller:
        balances = await caller.services.wallets.balances(caller.actor)
    return WALLET.ok(balances)


@router.get(
    "/transactions",
    response_model=Listing[WalletTransactionRead],
    responses=problems(SessionRequired, InvalidCursor, MalformedQuery),
    openapi_extra=queries.documented(WalletTransactionQuery),
)
async def list_wallet_transactions(visitor: Visitor, request: Request) -> Response:
    """List what came into one's wallet and went out of it, the newest first."""
    query = queries.read(request, WalletTransactionQuery)
    async with visitor.reading() as caller:
        page = await caller.services.wallets.movements(
            caller.actor, query.page(), currency=query.currency
        )
    return TRANSACTIONS.ok(page)


@router.post(
    "/transfers",
    response_model=WalletTransferRead,
    status_code=status.HTTP_201_CREATED,
    responses=problems(
        SessionRequired,
        StepUpRequired,
        UserNotFound,
        InsufficientFunds,
        TransferLimitReached,
        TransferToOneself,
        IdempotencyKeyInUse,
        IdempotencyKeyReused,
    ),
)
async def create_wallet_transfer(
    visitor: Visitor, body: WalletTransferCreate, key: IdempotencyKey = None
) -> Response:
    """Hand money out of one's wallet to somebody else, at once and for good."""
    async with visitor.writing(key) as caller:
        made = await caller.services.wallets.transfer(caller.actor, body.wanted())
        return await caller.answer(TRANSFER.created(made))
