"""Pages for people who develop; mounted only when ENVIRONMENT=development."""

from app.api.dev import mail, recovery, verify_email

DEV_ROUTERS = [
    mail.router,
    recovery.router,
    verify_email.router,
]
