"""Pages for people who develop; mounted only when ENVIRONMENT=development."""

from app.api.dev import mail, messages, payments, recovery, telegram, verify_email

DEV_ROUTERS = [
    mail.router,
    messages.router,
    payments.router,
    recovery.router,
    telegram.router,
    verify_email.router,
]
