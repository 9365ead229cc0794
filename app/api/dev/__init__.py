"""Pages for people who develop; mounted only when ENVIRONMENT=development."""

from app.api.dev import mail, payments, recovery, verify_email

DEV_ROUTERS = [
    mail.router,
    payments.router,
    recovery.router,
    verify_email.router,
]
