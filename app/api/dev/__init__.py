"""Pages for people who develop; mounted only when ENVIRONMENT=development."""

from app.api.dev import mail, verify_email

DEV_ROUTERS = [
    mail.router,
    verify_email.router,
]
