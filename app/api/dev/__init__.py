"""Pages for people who develop; mounted only when ENVIRONMENT=development."""

from app.api.dev import mail, messages, payments, realtime, recovery, telegram, verify_email

DEV_ROUTERS = [
    mail.router,
    messages.router,
    payments.router,
    realtime.router,
    recovery.router,
    telegram.router,
    verify_email.router,
]
