"""The reference: the same queries by asyncpg in bare Starlette; no sign-in, no checks, no log.

Each answers with the bytes the application would send, save for the cursor of the next page.
"""

import gc
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg
import orjson
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from app.core.ids import new_id

BOOKING = """SELECT id, kind, status, customer_id, service_id, provider_id, event_id, title,
 timezone, starts_at, ends_at, seats, price_amount, price_currency, payment_status, paid_amount,
 refunded_amount, free_until_minutes, late_fee_percent, hold_expires_at, notes, cancelled_at,
 cancel_reason, created_at, updated_at FROM bookings"""
BOOKINGS = f"{BOOKING} WHERE customer_id = $1 ORDER BY starts_at, id LIMIT 21"
ONE_BOOKING = f"{BOOKING} WHERE id = $1"
BOOK = """INSERT INTO bookings (id, kind, status, customer_id, service_id, provider_id, title,
 timezone, starts_at, starts_local, ends_at, blocked_from, blocked_until, seats, price_amount,
 price_currency, payment_status, free_until_minutes, late_fee_percent, created_at, updated_at)
 VALUES ($1, 'appointment', 'confirmed', $2, $3, $4, 'Haircut', 'Europe/Berlin', $5,
 '2030-01-01T10:00:00', $6, $5, $6, 1, 4500, 'EUR', 'unpaid', 0, 0, now(), now())
 ON CONFLICT ON CONSTRAINT no_overlapping_appointments DO NOTHING RETURNING created_at"""
SERVICE = """o.id, o.name, o.description, o.category_id, c.name AS category_name,
 c.slug AS category_slug, o.tags, o.duration_minutes, o.buffer_before_minutes,
 o.buffer_after_minutes, o.price_amount, o.price_currency, o.slot_step_minutes,
 o.min_notice_minutes, o.max_horizon_days, o.approval_required, o.payment, o.free_until_minutes,
 o.late_fee_percent, o.reminder_minutes, o.capture, o.status, o.rating_average, o.rating_count,
 o.owner_id, o.created_at, o.updated_at"""
SHOWN = "FROM offerings o LEFT JOIN categories c ON c.id = o.category_id"
SERVICES = f"SELECT {SERVICE} {SHOWN} WHERE o.status = 'active' ORDER BY o.name, o.id LIMIT 21"
ONE_SERVICE = f"""SELECT {SERVICE}, (SELECT jsonb_agg(jsonb_build_array(p.id, p.name,
 coalesce(po.price_amount, o.price_amount), coalesce(po.duration_minutes, o.duration_minutes))
 ORDER BY p.name, p.id) FROM provider_offerings po JOIN providers p ON p.id = po.provider_id
 WHERE po.offering_id = o.id AND p.status = 'active') AS providers {SHOWN} WHERE o.id = $1"""


BOOK_SEAT = """WITH taken AS (UPDATE event_capacity SET taken = taken + 1
 WHERE event_id = $3 AND taken < capacity RETURNING event_id),
 event AS (SELECT e.* FROM events e JOIN taken t ON t.event_id = e.id)
 INSERT INTO bookings (id, kind, status, customer_id, event_id, organizer_id, title, timezone,
 starts_at, starts_local, ends_at, blocked_from, blocked_until, seats, items, price_amount,
 price_currency, payment_status, free_until_minutes, late_fee_percent, created_at, updated_at)
 SELECT $1, 'event', 'confirmed', $2, id, organizer_id, title, timezone, starts_at, starts_local,
 ends_at, starts_at, ends_at, 1, '[]', 0, price_currency, 'not_required', 0, 0, now(), now()
 FROM event RETURNING title, timezone, starts_at, ends_at, price_currency, created_at"""


class NoReset(asyncpg.Connection):
    def get_reset_query(self) -> str:
        return ""


@asynccontextmanager
async def lifespan(_: Starlette) -> AsyncIterator[dict[str, Any]]:
    pool = await asyncpg.create_pool(
        os.environ["DATABASE_URL"],
        min_size=8,
        max_size=8,
        max_inactive_connection_lifetime=0,
        connection_class=NoReset,
        server_settings={"jit": "off", "timezone": "UTC"},
    )
    gc.freeze()
    yield {"pool": pool}
    await pool.close()


def json(value: object, status: int = 200) -> Response:
    body = orjson.dumps(value, option=orjson.OPT_UTC_Z)
    return Response(body, status, media_type="application/json")


def text(value: UUID | None) -> str | None:
    return None if value is None else str(value)


def booking(row: Any) -> dict[str, Any]:
    currency, owed = row["price_currency"], row["price_amount"] - row["paid_amount"]
    price = {"amount": row["price_amount"], "currency": currency}
    return {
        "id": str(row["id"]),
        "kind": row["kind"],
        "status": row["status"],
        "customer_id": str(row["customer_id"]),
        "service_id": text(row["service_id"]),
        "provider_id": text(row["provider_id"]),
        "event_id": text(row["event_id"]),
        "title": row["title"],
        "service_name": row["title"],
        "customer_name": None,
        "starts_at": row["starts_at"],
        "ends_at": row["ends_at"],
        "timezone": row["timezone"],
        "seats": row["seats"],
        "items": [
            {
                "ticket_type_id": None,
                "name": row["title"],
                "quantity": row["seats"],
                "unit_price": price,
                "total": price,
            }
        ],
        "price": price,
        "discount": None,
        "hold_expires_at": row["hold_expires_at"],
        "payment_status": row["payment_status"],
        "deposit": None,
        "paid": {"amount": row["paid_amount"], "currency": currency},
        "refunded": {"amount": row["refunded_amount"], "currency": currency},
        "due_now": {"amount": 0, "currency": currency},
        "due_later": {"amount": owed, "currency": currency},
        "cancellation_policy": {
            "free_until_minutes": row["free_until_minutes"],
            "late_fee_percent": row["late_fee_percent"],
            "no_show_fee": None,
        },
        "late_fee": None,
        "notes": row["notes"],
        "cancelled_at": row["cancelled_at"],
        "cancel_reason": row["cancel_reason"],
        "created_at": row["created_at"],
        "updated_at": row["updated_at"],
    }


def service(row: Any) -> dict[str, Any]:
    category_id = text(row["category_id"])
    category = {"id": category_id, "name": row["category_name"], "slug": row["category_slug"]}
    return {
        "id": str(row["id"]),
        "name": row["name"],
        "description": row["description"],
        "category": category if category_id else None,
        "category_id": category_id,
        "tags": row["tags"],
        "duration_minutes": row["duration_minutes"],
        "buffer_before_minutes": row["buffer_before_minutes"],
        "buffer_after_minutes": row["buffer_after_minutes"],
        "price": {"amount": row["price_amount"], "currency": row["price_currency"]},
        "slot_step_minutes": row["slot_step_minutes"],
        "min_notice_minutes": row["min_notice_minutes"],
        "max_horizon_days": row["max_horizon_days"],
        "approval_required": row["approval_required"],
        "payment": row["payment"],
        "cancellation_policy": {
            "free_until_minutes": row["free_until_minutes"],
            "late_fee_percent": row["late_fee_percent"],
            "no_show_fee": None,
        },
        "reminder_minutes": row["reminder_minutes"],
        "deposit": None,
        "capture": row["capture"],
        "status": row["status"],
        "rating": {"average": row["rating_average"], "count": row["rating_count"]},
        "owner_id": str(row["owner_id"]),
        "created_at": row["created_at"],
        "updated_at": row["updated_at"],
    }


async def list_services(request: Request) -> Response:
    async with request.state.pool.acquire() as connection:
        rows = await connection.fetch(SERVICES)
    return json({"items": [service(row) for row in rows[:20]], "next_cursor": "more"})


async def get_service(request: Request) -> Response:
    async with request.state.pool.acquire() as connection:
        row = await connection.fetchrow(ONE_SERVICE, UUID(request.path_params["id"]))
    currency = row["price_currency"]
    providers = [
        {
            "provider_id": provider_id,
            "name": name,
            "price": {"amount": amount, "currency": currency},
            "duration_minutes": minutes,
        }
        for provider_id, name, amount, minutes in orjson.loads(row["providers"] or "[]")
    ]
    return json({**service(row), "providers": providers})


async def list_bookings(request: Request) -> Response:
    async with request.state.pool.acquire() as connection:
        rows = await connection.fetch(BOOKINGS, UUID(request.query_params["customer_id"]))
    return json({"items": [booking(row) for row in rows[:20]], "next_cursor": "more"})


async def get_booking(request: Request) -> Response:
    async with request.state.pool.acquire() as connection:
        row = await connection.fetchrow(ONE_BOOKING, UUID(request.path_params["id"]))
    return json(booking(row))


async def create_booking(request: Request) -> Response:
    body = orjson.loads(await request.body())
    starts_at = datetime.fromisoformat(body["starts_at"])
    ends_at = starts_at + timedelta(minutes=30)
    booking_id = new_id()
    async with request.state.pool.acquire() as connection:
        made = await connection.fetchval(
            BOOK,
            booking_id,
            UUID(body["customer_id"]),
            UUID(body["service_id"]),
            UUID(body["provider_id"]),
            starts_at,
            ends_at,
        )
    if made is None:
        return json({"code": "slot-unavailable"}, 409)
    price = {"amount": 4500, "currency": "EUR"}
    answer = {
        "id": str(booking_id),
        "kind": "appointment",
        "status": "confirmed",
        "customer_id": body["customer_id"],
        "service_id": body["service_id"],
        "provider_id": body["provider_id"],
        "event_id": None,
        "title": "Haircut",
        "service_name": "Haircut",
        "customer_name": None,
        "starts_at": starts_at,
        "ends_at": ends_at,
        "timezone": "Europe/Berlin",
        "seats": 1,
        "items": [
            {
                "ticket_type_id": None,
                "name": "Haircut",
                "quantity": 1,
                "unit_price": price,
                "total": price,
            }
        ],
        "price": price,
        "discount": None,
        "hold_expires_at": None,
        "payment_status": "unpaid",
        "deposit": None,
        "paid": {"amount": 0, "currency": "EUR"},
        "refunded": {"amount": 0, "currency": "EUR"},
        "due_now": {"amount": 0, "currency": "EUR"},
        "due_later": price,
        "cancellation_policy": {
            "free_until_minutes": 0,
            "late_fee_percent": 0,
            "no_show_fee": None,
        },
        "late_fee": None,
        "notes": None,
        "cancelled_at": None,
        "cancel_reason": None,
        "created_at": made,
        "updated_at": made,
    }
    return json(answer, 201)


async def create_seat(request: Request) -> Response:
    body = orjson.loads(await request.body())
    booking_id = new_id()
    async with request.state.pool.acquire() as connection:
        row = await connection.fetchrow(
            BOOK_SEAT, booking_id, UUID(body["customer_id"]), UUID(body["event_id"])
        )
    if row is None:
        return json({"code": "sold-out"}, 409)
    price = {"amount": 0, "currency": row["price_currency"]}
    answer = {
        "id": str(booking_id),
        "kind": "event",
        "status": "confirmed",
        "customer_id": body["customer_id"],
        "event_id": body["event_id"],
        "starts_at": row["starts_at"],
        "ends_at": row["ends_at"],
        "timezone": row["timezone"],
        "seats": 1,
        "items": [{"name": "Standard", "quantity": 1, "unit_price": price, "total": price}],
        "price": price,
        "payment_status": "not_required",
        "created_at": row["created_at"],
        "updated_at": row["created_at"],
    }
    return json(answer, 201)


app = Starlette(
    routes=[
        Route("/services", list_services),
        Route("/services/{id}", get_service),
        Route("/bookings", list_bookings),
        Route("/bookings", create_booking, methods=["POST"]),
        Route("/seats", create_seat, methods=["POST"]),
        Route("/bookings/{id}", get_booking),
    ],
    lifespan=lifespan,
)
