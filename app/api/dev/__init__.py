"""Pages for people who develop; mounted only when ENVIRONMENT=development."""

from app.api.dev import mail, messages, payments, recovery, verify_email

DEV_ROUTERS = [
    mail.router,
    messages.router,
    payments.router,
    recovery.router,
    verify_email.router,
]
