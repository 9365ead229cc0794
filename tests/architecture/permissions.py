"""Who may do what: one row for each operation, one verdict for each kind of person.

A row is named for its operation, and after a slash for what is different about it. It is what is
sent, what those who may are answered, who they are, and what the others are told. Whoever is not
signed in is told 401, unless the row names them among those who may.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

NOBODY = "anonymous"
CUSTOMER = "customer"  # a stranger to everything here
OWNER = "owner"  # the customer whose booking, session and key it is
SELLER = "seller"  # the provider whose service, hours and time it is
PROVIDER = "provider"  # another provider, who owns a service and hours of their own
ORGANIZER = "organizer"
MANAGEMENT = "management"
ACCOUNTANT = "accountant"
ADMIN = "admin"
SUPER_ADMIN = "super_admin"

PEOPLE = (
    NOBODY,
    CUSTOMER,
    OWNER,
    SELLER,
    PROVIDER,
    ORGANIZER,
    MANAGEMENT,
    ACCOUNTANT,
    ADMIN,
    SUPER_ADMIN,
)
EVERYBODY = frozenset(PEOPLE)
SIGNED_IN = EVERYBODY - {NOBODY}
ADMINS = frozenset({ADMIN, SUPER_ADMIN})
SUPPORT = ADMINS | {MANAGEMENT}
BOOKKEEPERS = ADMINS | {ACCOUNTANT}
OF_MONEY = BOOKKEEPERS | {MANAGEMENT}


PASSWORD = "correct horse battery"
NEVER_MADE = "0197a6c2-7c1e-7a55-8d5e-3f1c9a0b2d4e"
WORN_OUT = "bm90aGluZyB0aGF0IHdhcyBldmVyIG1hZGUgaGVyZSwgc28gbm8="
# The smallest picture there is: one white pixel.
PICTURE = bytes.fromhex("47494638376101000100800000ffffff0000002c00000000010001000002024401003b")


@dataclass(frozen=True)
class Row:
    """`path` and `body` name things of the world in braces; `others` is what is told to others."""

    method: str
    path: str
    status: int
    may: frozenset[str]
    others: int = 403
    body: Any = None
    more: Mapping[str, Any] = field(default_factory=dict)  # of the request: headers, data, content
    told: Mapping[str, int] = field(default_factory=dict)  # where somebody is told something else

    def expected(self, person: str) -> int:
        if person in self.told:
            return self.told[person]
        if person in self.may:
            return self.status
        return 401 if person == NOBODY else self.others


SERVICE = {
    "name": "Haircut",
    "duration_minutes": 60,
    "price": {"amount": 4500, "currency": "EUR"},
    "payment": "on_site",
}
A_PRICE = {"amount": 4500, "currency": "EUR"}
HOURS = {"timezone": "UTC", "weekly": [{"weekday": 0, "start": "09:00", "end": "17:00"}]}
EVENT = {
    "title": "An evening of songs",
    "starts_at": "2030-04-05T17:00:00Z",
    "timezone": "Europe/Berlin",
    "location": "1 Church Square, Berlin",
    "max_participants": 50,
}
ORGANIZED_BY = ADMINS | {ORGANIZER}
BOOKED_BY_ITS_OWNER = frozenset({OWNER, SELLER}) | SUPPORT
DECIDED_BY = frozenset({SELLER}) | SUPPORT
HELD_BY = frozenset({OWNER, ORGANIZER}) | SUPPORT
TALKED_IN_BY = frozenset({OWNER, SELLER})
LET_IN_BY = frozenset({ORGANIZER}) | SUPPORT

TABLE: dict[str, Row] = {
    # Anybody
    "get_liveness": Row("GET", "//health/live", 200, EVERYBODY),
    "get_readiness": Row("GET", "//health/ready", 200, EVERYBODY),
    "get_problem": Row("GET", "//problems/not-found", 200, EVERYBODY),
    "list_categories": Row("GET", "/categories", 200, EVERYBODY),
    "get_category": Row("GET", "/categories/{category}", 200, EVERYBODY),
    "list_tags": Row("GET", "/tags", 200, EVERYBODY),
    "show_unsubscribing": Row("GET", f"/unsubscribe/{NEVER_MADE}", 404, EVERYBODY),
    "unsubscribe": Row("POST", f"/unsubscribe/{NEVER_MADE}", 404, EVERYBODY),
    "get_ticket_key": Row("GET", "/tickets/key", 200, EVERYBODY),
    "list_services": Row("GET", "/services", 200, EVERYBODY),
    "get_service": Row("GET", "/services/{service}", 200, EVERYBODY),
    "list_slots": Row(
        "GET", "/services/{service}/slots?from=2030-03-04&to=2030-03-05", 200, EVERYBODY
    ),
    "list_providers": Row("GET", "/providers", 200, EVERYBODY),
    "get_provider": Row("GET", "/providers/{seller_provider}", 200, EVERYBODY),
    "get_schedule": Row("GET", "/providers/{seller_provider}/schedule", 200, EVERYBODY),
    "list_overrides": Row("GET", "/providers/{seller_provider}/overrides", 200, EVERYBODY),
    "list_closures": Row("GET", "/closures", 200, EVERYBODY),
    # The catalog
    "create_category": Row("POST", "/categories", 201, ADMINS, body={"name": "Nails"}),
    "update_category": Row("PATCH", "/categories/{category}", 200, ADMINS, body={"name": "N"}),
    "delete_category": Row("DELETE", "/categories/{category}", 204, ADMINS),
    "create_service": Row("POST", "/services", 201, ADMINS | {SELLER, PROVIDER}, body=SERVICE),
    "update_service": Row(
        "PATCH", "/services/{service}", 200, ADMINS | {SELLER}, body={"name": "Cut"}
    ),
    "delete_service": Row("DELETE", "/services/{unbooked}", 204, ADMINS | {SELLER}),
    "put_service_providers": Row(
        "PUT",
        "/services/{service}/providers",
        200,
        ADMINS | {SELLER},
        body={"providers": [{"provider_id": "{seller_provider}"}]},
    ),
    "put_schedule": Row(
        "PUT", "/providers/{seller_provider}/schedule", 200, ADMINS | {SELLER}, body=HOURS
    ),
    "update_provider": Row(
        "PATCH", "/providers/{seller_provider}", 200, ADMINS | {SELLER}, body={"max_per_day": 5}
    ),
    "create_override": Row(
        "POST",
        "/providers/{seller_provider}/overrides",
        201,
        ADMINS | {SELLER},
        body={"date": "2030-12-24", "windows": []},
    ),
    "delete_override": Row(
        "DELETE", "/providers/{seller_provider}/overrides/{override}", 204, ADMINS | {SELLER}
    ),
    "list_time_off": Row("GET", "/providers/{seller_provider}/time-off", 200, ADMINS | {SELLER}),
    "create_time_off": Row(
        "POST",
        "/providers/{seller_provider}/time-off",
        201,
        ADMINS | {SELLER},
        body={"starts_at": "2030-12-24T00:00:00Z", "ends_at": "2030-12-25T00:00:00Z"},
    ),
    "delete_time_off": Row(
        "DELETE", "/providers/{seller_provider}/time-off/{time_off}", 204, ADMINS | {SELLER}
    ),
    "create_closure": Row(
        "POST", "/closures", 201, ADMINS, body={"first_day": "2030-12-24", "name": "Christmas"}
    ),
    "delete_closure": Row("DELETE", "/closures/{closure}", 204, ADMINS),
    # Events
    "list_events": Row("GET", "/events", 200, EVERYBODY),
    "get_event": Row("GET", "/events/{event}", 200, EVERYBODY),
    "list_ticket_types": Row("GET", "/events/{event}/ticket-types", 200, EVERYBODY),
    "create_event": Row("POST", "/events", 201, ORGANIZED_BY, body=EVENT),
    "put_event": Row("PUT", "/events/{event}", 200, ORGANIZED_BY, body=EVENT),
    "update_event": Row("PATCH", "/events/{event}", 200, ORGANIZED_BY, body={"title": "Songs"}),
    "delete_event": Row("DELETE", "/events/{event}", 204, ORGANIZED_BY),
    "cancel_event": Row("POST", "/events/{event}/cancel", 200, ORGANIZED_BY),
    "get_event_cancellation": Row(
        "GET", "/events/{called_off}/cancellation", 200, SUPPORT | {ORGANIZER}
    ),
    "put_event_cover": Row(
        "PUT",
        "/events/{event}/cover",
        200,
        ORGANIZED_BY,
        more={"content": PICTURE, "headers": {"Content-Type": "image/gif"}},
    ),
    "delete_event_cover": Row("DELETE", "/events/{event}/cover", 204, ORGANIZED_BY),
    "create_ticket_type": Row(
        "POST",
        "/events/{event}/ticket-types",
        201,
        ORGANIZED_BY,
        body={"name": "Balcony", "price": {"amount": 900, "currency": "EUR"}},
    ),
    "update_ticket_type": Row(
        "PATCH",
        "/events/{event}/ticket-types/{ticket_type}",
        200,
        ORGANIZED_BY,
        body={"name": "Hall"},
    ),
    "delete_ticket_type": Row(
        "DELETE", "/events/{event}/ticket-types/{ticket_type}", 204, ORGANIZED_BY
    ),
    # Bookings
    "create_booking": Row(
        "POST",
        "/bookings",
        201,
        SIGNED_IN,
        body={"service_id": "{service}", "starts_at": "2030-03-05T10:00:00Z"},
    ),
    "list_bookings": Row("GET", "/bookings?scope=all", 200, SUPPORT),
    "get_booking": Row("GET", "/bookings/{booking}", 200, BOOKED_BY_ITS_OWNER, others=404),
    "cancel_booking": Row(
        "POST", "/bookings/{booking}/cancel", 200, BOOKED_BY_ITS_OWNER, others=404
    ),
    "delete_booking": Row("DELETE", "/bookings/{booking}", 200, BOOKED_BY_ITS_OWNER, others=404),
    "reschedule_booking": Row(
        "POST",
        "/bookings/{booking}/reschedule",
        200,
        BOOKED_BY_ITS_OWNER,
        others=404,
        body={"starts_at": "2030-03-05T10:00:00Z"},
    ),
    "confirm_booking": Row(
        "POST", "/bookings/{request}/confirm", 200, DECIDED_BY, others=404, told={OWNER: 403}
    ),
    "decline_booking": Row(
        "POST", "/bookings/{request}/decline", 200, DECIDED_BY, others=404, told={OWNER: 403}
    ),
    "complete_booking": Row(
        "POST", "/bookings/{begun}/complete", 200, DECIDED_BY, others=404, told={OWNER: 403}
    ),
    "mark_no_show": Row(
        "POST", "/bookings/{begun}/no-show", 200, DECIDED_BY, others=404, told={OWNER: 403}
    ),
    "waive_fee": Row(
        "POST", "/bookings/{begun}/waive-fee", 409, DECIDED_BY, others=404, told={OWNER: 403}
    ),
    "list_booking_changes": Row(
        "GET", "/bookings/{booking}/history", 200, BOOKED_BY_ITS_OWNER, others=404
    ),
    # Tickets
    "list_tickets": Row("GET", "/bookings/{seats}/tickets", 200, HELD_BY, others=404),
    "cancel_ticket": Row("DELETE", "/bookings/{seats}/tickets/{ticket}", 200, HELD_BY, others=404),
    "transfer_ticket": Row(
        "POST",
        "/bookings/{seats}/tickets/{ticket}/transfer",
        200,
        HELD_BY,
        others=404,
        body={"attendee_name": "Grace"},
    ),
    "get_ticket_svg": Row(
        "GET", "/bookings/{seats}/tickets/{ticket}/qr.svg", 200, HELD_BY, others=404
    ),
    "get_ticket_png": Row(
        "GET", "/bookings/{seats}/tickets/{ticket}/qr.png", 200, HELD_BY, others=404
    ),
    "get_tickets_pdf": Row("GET", "/bookings/{seats}/tickets.pdf", 200, HELD_BY, others=404),
    "check_in": Row("POST", "/events/{attended}/check-in", 200, LET_IN_BY, body={"code": "{code}"}),
    "undo_check_in": Row(
        "POST", "/events/{attended}/check-in/undo", 409, LET_IN_BY, body={"code": "{code}"}
    ),
    "list_check_ins": Row("GET", "/events/{attended}/check-ins", 200, LET_IN_BY),
    "get_check_in_figures": Row("GET", "/events/{attended}/check-ins/figures", 200, LET_IN_BY),
    "join_waitlist": Row("POST", "/events/{attended}/waitlist", 201, SIGNED_IN),
    "list_waitlist": Row("GET", "/events/{attended}/waitlist", 200, SIGNED_IN),
    "leave_waitlist": Row("DELETE", "/events/{attended}/waitlist", 404, SIGNED_IN),
    "join_service_waitlist": Row(
        "POST",
        "/services/{service}/waitlist",
        201,
        SIGNED_IN,
        body={
            "from": "2030-03-04",
            "to": "2030-03-05",
            "windows": [{"start": "03:01", "end": "03:02"}],  # when nothing ever begins
        },
    ),
    "list_service_waitlist": Row("GET", "/services/{service}/waitlist", 200, SIGNED_IN),
    "leave_service_waitlist": Row("DELETE", "/services/{service}/waitlist", 404, SIGNED_IN),
    # Conversations
    "list_conversations": Row("GET", "/conversations", 200, SIGNED_IN),
    "list_conversations/of support": Row("GET", "/conversations?scope=support", 200, SUPPORT),
    "open_conversation": Row(
        "POST", "/conversations", 201, SIGNED_IN, body={"support": True}, told={OWNER: 200}
    ),
    "open_conversation/of a booking": Row(
        "POST",
        "/conversations",
        200,
        TALKED_IN_BY,
        others=404,
        body={"booking_id": "{booking}"},
        told=dict.fromkeys(SUPPORT, 403),
    ),
    "get_conversation": Row("GET", "/conversations/{talk}", 200, TALKED_IN_BY, others=404),
    "get_conversation/with support": Row(
        "GET", "/conversations/{helpdesk}", 200, SUPPORT | {OWNER}, others=404
    ),
    "mark_read": Row("POST", "/conversations/{talk}/read", 200, TALKED_IN_BY, others=404),
    "list_messages": Row("GET", "/conversations/{talk}/messages", 200, TALKED_IN_BY, others=404),
    "send_message": Row(
        "POST",
        "/conversations/{talk}/messages",
        201,
        TALKED_IN_BY,
        others=404,
        body={"text": "Hello"},
    ),
    "edit_message": Row(
        "PATCH",
        "/conversations/{talk}/messages/{said}",
        200,
        frozenset({OWNER}),
        others=404,
        body={"text": "Hello!"},
        told={SELLER: 403},
    ),
    "delete_message": Row(
        "DELETE",
        "/conversations/{talk}/messages/{said}",
        204,
        frozenset({OWNER}),
        others=404,
        told={SELLER: 403},
    ),
    "block_participant": Row("POST", "/conversations/{talk}/block", 204, TALKED_IN_BY, others=404),
    "unblock_participant": Row(
        "DELETE", "/conversations/{talk}/block", 204, TALKED_IN_BY, others=404
    ),
    "assign_conversation": Row(
        "POST", "/conversations/{helpdesk}/assign", 200, SUPPORT, body={"user_id": None}
    ),
    "report_message": Row(
        "POST",
        "/conversations/{talk}/messages/{said}/report",
        201,
        frozenset({SELLER}),
        others=404,
        body={"reason": "They insult me."},
        told={OWNER: 409},
    ),
    "list_chat_reports": Row("GET", "/chat-reports", 200, SUPPORT),
    "resolve_chat_report": Row(
        "POST", "/chat-reports/{complaint}/resolve", 200, SUPPORT, body={"verdict": "remove"}
    ),
    # Calendars
    "get_booking_file": Row(
        "GET", "/bookings/{booking}/calendar.ics", 200, BOOKED_BY_ITS_OWNER, others=404
    ),
    "list_calendar_feeds": Row("GET", "/calendar-feeds", 200, SIGNED_IN),
    "create_calendar_feed": Row(
        "POST", "/calendar-feeds", 201, SIGNED_IN, body={"of": "bookings"}, told={OWNER: 200}
    ),
    "create_calendar_feed/of a provider": Row(
        "POST", "/calendar-feeds", 201, frozenset({SELLER, PROVIDER}), body={"of": "provider"}
    ),
    "delete_calendar_feed": Row(
        "DELETE", "/calendar-feeds/{owner_feed}", 204, frozenset({OWNER}), others=404
    ),
    "create_realtime_ticket": Row("POST", "/realtime/ticket", 201, SIGNED_IN),
    "get_calendar_feed": Row("GET", f"/calendar/{NEVER_MADE}.{WORN_OUT}.ics", 404, EVERYBODY),
    "list_external_calendars": Row(
        "GET", "/providers/{seller_provider}/calendars", 200, ADMINS | {SELLER}
    ),
    "create_external_calendar": Row(
        "POST",
        "/providers/{seller_provider}/calendars",
        201,
        ADMINS | {SELLER},
        body={"name": "At home", "url": "https://calendar.example/basic.ics"},
    ),
    "delete_external_calendar": Row(
        "DELETE",
        "/providers/{seller_provider}/calendars/{seller_calendar}",
        204,
        ADMINS | {SELLER},
    ),
    "refresh_external_calendar": Row(
        "POST",
        "/providers/{seller_provider}/calendars/{seller_calendar}/refresh",
        204,
        ADMINS | {SELLER},
    ),
    # Coming in: the same for everybody, whoever they are already
    "register": Row(
        "POST",
        "/auth/register",
        201,
        EVERYBODY,
        body={"email": "newcomer@example.com", "password": PASSWORD},
    ),
    "verify_email": Row(
        "POST",
        "/auth/verify-email",
        422,
        EVERYBODY,
        body={"email": "newcomer@example.com", "code": "000000"},
    ),
    "resend_verification": Row(
        "POST", "/auth/verify-email/resend", 202, EVERYBODY, body={"email": "{owner_email}"}
    ),
    "log_in": Row(
        "POST",
        "/auth/login",
        200,
        EVERYBODY,
        body={"email": "{owner_email}", "password": PASSWORD},
    ),
    "log_in_by_form": Row(
        "POST",
        "/auth/token",
        200,
        EVERYBODY,
        more={"data": {"username": "{owner_email}", "password": PASSWORD}},
    ),
    "log_in_with_code": Row(
        "POST",
        "/auth/login/mfa",
        401,
        EVERYBODY,
        body={"mfa_token": WORN_OUT, "code": "000000"},
    ),
    "refresh_tokens": Row(
        "POST", "/auth/refresh", 401, EVERYBODY, body={"refresh_token": WORN_OUT}
    ),
    "begin_oauth": Row(
        "GET",
        "/auth/oauth/nowhere/authorize?redirect_uri=http://test/oauth/callback",
        404,
        EVERYBODY,
    ),
    "end_oauth": Row(
        "POST",
        "/auth/oauth/nowhere/callback",
        404,
        EVERYBODY,
        body={"code": "a-code", "state": WORN_OUT},
    ),
    "forgot_password": Row(
        "POST", "/auth/password/forgot", 202, EVERYBODY, body={"email": "{owner_email}"}
    ),
    "reset_password": Row(
        "POST",
        "/auth/password/reset",
        422,
        EVERYBODY,
        body={"token": WORN_OUT, "new_password": "another horse battery"},
    ),
    "confirm_email_change": Row(
        "POST", "/auth/email/confirm", 422, EVERYBODY, body={"token": WORN_OUT}
    ),
    # One's own account: everybody's who is signed in, and nobody else's
    "log_out": Row("POST", "/auth/logout", 204, SIGNED_IN),
    "log_out_everywhere": Row("POST", "/auth/logout-all", 204, SIGNED_IN),
    "step_up": Row("POST", "/auth/step-up", 200, SIGNED_IN, body={"password": PASSWORD}),
    "change_password": Row(
        "POST",
        "/auth/password/change",
        204,
        SIGNED_IN,
        body={"current_password": PASSWORD, "new_password": "another horse battery"},
    ),
    "change_email": Row(
        "POST",
        "/auth/email/change",
        202,
        SIGNED_IN,
        body={"new_email": "elsewhere@example.com", "password": PASSWORD},
    ),
    "withdraw_email_change": Row("DELETE", "/auth/email/change", 204, SIGNED_IN),
    "set_up_totp": Row("POST", "/auth/mfa/totp", 200, SIGNED_IN, body={"password": PASSWORD}),
    "activate_totp": Row(
        "POST", "/auth/mfa/totp/activate", 409, SIGNED_IN, body={"code": "000000"}
    ),
    "turn_off_totp": Row(
        "DELETE",
        "/auth/mfa/totp",
        409,
        SIGNED_IN,
        body={"password": PASSWORD, "code": "000000"},
    ),
    "renew_recovery_codes": Row(
        "POST", "/auth/mfa/recovery-codes", 409, SIGNED_IN, body={"code": "000000"}
    ),
    "list_sessions": Row("GET", "/auth/sessions", 200, SIGNED_IN),
    "end_session": Row(
        "DELETE", "/auth/sessions/{owner_session}", 204, frozenset({OWNER}), others=404
    ),
    "list_identities": Row("GET", "/auth/identities", 200, SIGNED_IN),
    "delete_identity": Row("DELETE", "/auth/identities/nowhere", 404, SIGNED_IN),
    "list_api_keys": Row("GET", "/api-keys", 200, SIGNED_IN),
    "create_api_key": Row(
        "POST", "/api-keys", 201, SIGNED_IN, body={"name": "Till", "scopes": ["profile:read"]}
    ),
    "create_api_key/beyond oneself": Row(
        "POST", "/api-keys", 201, ADMINS, 422, body={"name": "Till", "scopes": ["users:manage"]}
    ),
    "delete_api_key": Row("DELETE", "/api-keys/{owner_key}", 204, frozenset({OWNER}), others=404),
    "get_profile": Row("GET", "/profile", 200, SIGNED_IN),
    "update_profile": Row("PATCH", "/profile", 200, SIGNED_IN, body={"full_name": "Ada"}),
    "put_profile_photo": Row(
        "PUT",
        "/profile/photo",
        200,
        SIGNED_IN,
        more={"content": PICTURE, "headers": {"Content-Type": "image/gif"}},
    ),
    "verify_phone": Row("POST", "/profile/phone/verify", 409, SIGNED_IN),
    "confirm_phone": Row("POST", "/profile/phone/confirm", 422, SIGNED_IN, body={"code": "1"}),
    "list_devices": Row("GET", "/devices", 200, SIGNED_IN),
    "create_device": Row(
        "POST",
        "/devices",
        201,
        SIGNED_IN,
        body={"platform": "ios", "token": "a token that is long enough".replace(" ", "-")},
    ),
    "delete_device": Row("DELETE", f"/devices/{NEVER_MADE}", 404, SIGNED_IN),
    "get_telegram_link": Row("GET", "/telegram/link", 200, SIGNED_IN),
    "create_telegram_link": Row("POST", "/telegram/link", 201, SIGNED_IN),
    "delete_telegram_link": Row("DELETE", "/telegram/link", 204, SIGNED_IN),
    "delete_profile_photo": Row("DELETE", "/profile/photo", 204, SIGNED_IN),
    "get_photo": Row("GET", f"/photos/{NEVER_MADE}/small", 404, EVERYBODY),
    "export_profile": Row("GET", "/profile/export", 200, SIGNED_IN),
    "erase_profile": Row(
        "DELETE",
        "/profile",
        204,
        SIGNED_IN,
        body={"password": PASSWORD},
        told={SELLER: 409, ORGANIZER: 409},  # somebody is to come
    ),
    # Reviews
    "list_subject_reviews": Row("GET", "/reviews/{service}", 200, EVERYBODY),
    "list_service_reviews": Row("GET", "/services/{service}/reviews", 200, EVERYBODY),
    "list_provider_reviews": Row("GET", "/providers/{seller_provider}/reviews", 200, EVERYBODY),
    "list_event_reviews": Row("GET", "/events/{event}/reviews", 200, EVERYBODY),
    "list_reviews": Row("GET", "/reviews", 200, SIGNED_IN),
    "create_review": Row(
        "POST",
        "/reviews",
        201,
        frozenset({OWNER}),
        body={"booking_id": "{visited}", "rating": 5, "comment": "As it should be."},
    ),
    "update_review": Row("PATCH", "/reviews/{review}", 200, frozenset({OWNER}), body={"rating": 4}),
    "update_review/hidden": Row(
        "PATCH",
        "/reviews/{hidden_review}",
        200,
        frozenset({OWNER}),
        others=404,
        body={"rating": 4},
        told=dict.fromkeys(SUPPORT, 403),
    ),
    "delete_review": Row("DELETE", "/reviews/{review}", 204, SUPPORT | {OWNER}),
    "approve_review": Row("POST", "/reviews/{hidden_review}/approve", 200, SUPPORT),
    "reject_review": Row("POST", "/reviews/{review}/reject", 200, SUPPORT),
    "reply_to_review": Row(
        "POST", "/reviews/{review}/reply", 201, frozenset({SELLER}), body={"text": "Thank you."}
    ),
    "update_review_reply": Row(
        "PATCH",
        "/reviews/{replied_review}/reply",
        200,
        frozenset({SELLER}),
        body={"text": "Thank you."},
    ),
    "put_review_vote": Row("PUT", "/reviews/{review}/vote", 204, SIGNED_IN - {OWNER}),
    "delete_review_vote": Row("DELETE", "/reviews/{review}/vote", 204, SIGNED_IN - {OWNER}),
    "report_review": Row(
        "POST", "/reviews/{review}/report", 204, SIGNED_IN - {OWNER}, body={"reason": "An advert."}
    ),
    "create_file": Row(
        "POST", "/files", 201, SIGNED_IN, more={"files": {"file": ("a.txt", b"Just text.")}}
    ),
    "list_files": Row("GET", "/files", 200, SIGNED_IN),
    "get_file": Row("GET", "/files/{file}", 200, frozenset({OWNER}), others=404),
    "get_file_content": Row(
        "GET",
        f"/files/{NEVER_MADE}/content?expires=2000000000&signature={'0' * 64}",
        404,
        EVERYBODY,
    ),
    "delete_file": Row("DELETE", "/files/{file}", 204, frozenset({OWNER}), others=404),
    "get_user": Row("GET", "/users/{owner_user}", 200, EVERYBODY),
    # Being told
    "list_notifications": Row("GET", "/notifications", 200, SIGNED_IN),
    "read_notification": Row(
        "POST", "/notifications/{owner_notification}/read", 200, frozenset({OWNER}), others=404
    ),
    "read_all_notifications": Row("POST", "/notifications/read-all", 204, SIGNED_IN),
    "send_notification": Row(
        "POST",
        "/notifications",
        202,
        SUPPORT,
        body={"user_id": "{owner_user}", "message": "We open at ten.", "type": "in_app"},
    ),
    "get_notification_preferences": Row("GET", "/notification-preferences", 200, SIGNED_IN),
    "put_notification_preferences": Row(
        "PUT", "/notification-preferences", 200, SIGNED_IN, body={}
    ),
    "list_notification_templates": Row("GET", "/notification-templates", 200, SUPPORT),
    "preview_notification": Row("GET", "/notification-templates/reminder/preview", 200, SUPPORT),
    "list_notification_deliveries": Row("GET", "/admin/notification-deliveries", 200, SUPPORT),
    "resend_notification": Row(
        "POST", "/admin/notification-deliveries/{delivery}/resend", 409, SUPPORT
    ),
    "list_suppressions": Row("GET", "/admin/suppressions", 200, SUPPORT),
    "delete_suppression": Row("DELETE", "/admin/suppressions/{suppression}", 204, SUPPORT),
    # Everybody's accounts
    "list_accounts": Row("GET", "/admin/users", 200, SUPPORT),
    "create_account": Row("POST", "/admin/users", 201, ADMINS, body={"email": "made@example.com"}),
    "create_account/of an admin": Row(
        "POST", "/admin/users", 201, ADMINS, body={"email": "made@example.com", "roles": ["admin"]}
    ),
    "create_account/of a super_admin": Row(
        "POST",
        "/admin/users",
        201,
        frozenset({SUPER_ADMIN}),
        body={"email": "made@example.com", "roles": ["super_admin"]},
    ),
    "get_account": Row("GET", "/admin/users/{owner_user}", 200, SUPPORT),
    "update_account": Row(
        "PATCH", "/admin/users/{owner_user}", 200, ADMINS, body={"full_name": "Ada"}
    ),
    "update_account/roles": Row(
        "PATCH", "/admin/users/{owner_user}", 200, ADMINS, body={"roles": ["management"]}
    ),
    "update_account/up to super_admin": Row(
        "PATCH",
        "/admin/users/{owner_user}",
        200,
        frozenset({SUPER_ADMIN}),
        body={"roles": ["super_admin"]},
    ),
    "update_account/of a super_admin": Row(
        "PATCH",
        "/admin/users/{other_super_admin_user}",
        200,
        frozenset({SUPER_ADMIN}),
        body={"status": "deactivated"},
    ),
    "delete_account": Row("DELETE", "/admin/users/{owner_user}", 204, ADMINS),
    "delete_account/of a super_admin": Row(
        "DELETE", "/admin/users/{other_super_admin_user}", 204, frozenset({SUPER_ADMIN})
    ),
    "change_accounts": Row(
        "POST",
        "/admin/users/bulk",
        200,
        ADMINS,
        body={"ids": ["{owner_user}"], "action": "deactivate"},
    ),
    "list_audit_entries": Row("GET", "/admin/audit-log", 200, ADMINS),
    "get_stats": Row("GET", "/admin/stats", 200, SUPPORT | {ACCOUNTANT}),
    # Paying
    "create_payment": Row(
        "POST",
        "/payments",
        201,
        frozenset({OWNER}),
        others=404,
        body={"booking_id": "{booking}", "payment_method": "card"},
        told=dict.fromkeys(SUPPORT | {SELLER}, 403),
    ),
    "create_payment/in cash": Row(
        "POST",
        "/payments",
        201,
        DECIDED_BY,
        others=404,
        body={"booking_id": "{booking}", "payment_method": "cash"},
        told={OWNER: 403},
    ),
    "list_payments": Row("GET", "/payments", 200, SIGNED_IN),
    "get_payment": Row("GET", "/payments/{payment}", 200, OF_MONEY | {OWNER, SELLER}, others=404),
    "create_refund": Row(
        "POST",
        "/payments/{payment}/refunds",
        201,
        OF_MONEY | {SELLER},
        others=404,
        told={OWNER: 403},
    ),
    "list_refunds": Row(
        "GET", "/payments/{payment}/refunds", 200, OF_MONEY | {OWNER, SELLER}, others=404
    ),
    "list_receipts": Row("GET", "/receipts", 200, SIGNED_IN),
    "list_receipts/everybody's": Row("GET", "/receipts?scope=all", 200, OF_MONEY),
    "get_receipt": Row("GET", "/receipts/{receipt}", 200, OF_MONEY | {OWNER, SELLER}, others=404),
    "get_receipt_pdf": Row(
        "GET", "/receipts/{receipt}/pdf", 200, OF_MONEY | {OWNER, SELLER}, others=404
    ),
    "list_payment_methods": Row("GET", "/payment-methods", 200, SIGNED_IN),
    "create_payment_method": Row("POST", "/payment-methods", 201, SIGNED_IN),
    "delete_payment_method": Row("DELETE", f"/payment-methods/{NEVER_MADE}", 404, SIGNED_IN),
    "list_disputes": Row("GET", "/disputes", 200, OF_MONEY),
    "get_dispute": Row("GET", f"/disputes/{NEVER_MADE}", 404, OF_MONEY),
    "list_gateway_events": Row("GET", "/admin/gateway-events", 200, OF_MONEY),
    "get_gateway_event": Row("GET", "/admin/gateway-events/{gateway_event}", 200, OF_MONEY),
    "replay_gateway_event": Row(
        "POST", "/admin/gateway-events/{gateway_event}/replay", 200, OF_MONEY
    ),
    # Nobody here has their secrets, and here only the sandbox is set up.
    "receive_stripe": Row("POST", "/webhooks/stripe", 404, EVERYBODY),
    "receive_freedompay_check": Row("POST", "/webhooks/freedompay/check", 404, EVERYBODY),
    "receive_freedompay_result": Row("POST", "/webhooks/freedompay/result", 404, EVERYBODY),
    "receive_twilio": Row("POST", "/webhooks/twilio", 400, EVERYBODY),
    "receive_telegram": Row("POST", "/webhooks/telegram", 400, EVERYBODY),
    "receive_sandbox": Row("POST", "/webhooks/sandbox", 400, EVERYBODY),
    # Money
    "create_top_up": Row(
        "POST",
        "/wallet/top-ups",
        201,
        SIGNED_IN,
        body={"amount": A_PRICE, "payment_method": "card"},
    ),
    "get_wallet": Row("GET", "/wallet", 200, SIGNED_IN),
    "list_wallet_transactions": Row("GET", "/wallet/transactions", 200, SIGNED_IN),
    "create_wallet_transfer": Row(
        "POST",
        "/wallet/transfers",
        409,  # nobody has that much
        SIGNED_IN,
        body={"to_user_id": "{other_super_admin_user}", "amount": A_PRICE},
    ),
    "create_wallet_transfer/to oneself": Row(
        "POST",
        "/wallet/transfers",
        409,
        SIGNED_IN,
        body={"to_user_id": "{owner_user}", "amount": A_PRICE},
        told={OWNER: 422},
    ),
    "list_ledger_accounts": Row("GET", "/ledger/accounts", 200, BOOKKEEPERS),
    "list_ledger_entries": Row("GET", "/ledger/entries", 200, BOOKKEEPERS),
    "get_trial_balance": Row("GET", "/ledger/trial-balance", 200, BOOKKEEPERS),
    "get_ledger_statement": Row("GET", "/ledger/accounts/{account}/statement", 200, BOOKKEEPERS),
    "list_promo_codes": Row("GET", "/promo-codes", 200, SIGNED_IN),
    "create_promo_code": Row(
        "POST",
        "/promo-codes",
        201,
        ADMINS | {SELLER, PROVIDER, ORGANIZER},
        body={"code": "SPRING", "kind": "percent", "value": 20},
    ),
    "get_promo_code": Row("GET", "/promo-codes/{promo_code}", 200, ADMINS | {SELLER}, others=404),
    "update_promo_code": Row(
        "PATCH",
        "/promo-codes/{promo_code}",
        200,
        ADMINS | {SELLER},
        others=404,
        body={"is_active": False},
    ),
    "list_payouts": Row("GET", "/payouts", 200, SIGNED_IN),
    "create_payout": Row(
        "POST",
        "/payouts",
        201,
        BOOKKEEPERS,
        body={"owner_id": "{seller_user}", "account": "provider_payable", "amount": A_PRICE},
    ),
    "pay_payout": Row("POST", "/payouts/{payout}/paid", 200, BOOKKEEPERS),
    "cancel_payout": Row("POST", "/payouts/{payout}/cancel", 200, BOOKKEEPERS),
    "list_commissions": Row("GET", "/commissions", 200, BOOKKEEPERS),
    "put_commission": Row(
        "PUT", "/commissions/{seller_user}", 200, BOOKKEEPERS, body={"basis_points": 1250}
    ),
    "delete_commission": Row("DELETE", "/commissions/{seller_user}", 204, BOOKKEEPERS),
}
