"""The letters by which an account gets another password, or another address."""

from app.bootstrap import Services
from app.domain.email_changes import EmailChangeAsked, EmailChanged
from app.domain.password_resets import PasswordForgotten, PasswordResetIssued
from app.tasks.registry import handles


@handles(PasswordForgotten)
async def issue_reset(message: PasswordForgotten, services: Services) -> None:
    await services.password_resets.issue(message.user_id)


@handles(PasswordResetIssued)
async def send_reset(message: PasswordResetIssued, services: Services) -> None:
    await services.password_resets.write_to_owner(message.reset_id)


@handles(EmailChangeAsked)
async def ask_old_address(message: EmailChangeAsked, services: Services) -> None:
    await services.email_changes.write_to_old_address(message.change_id)


@handles(EmailChangeAsked)
async def ask_new_address(message: EmailChangeAsked, services: Services) -> None:
    await services.email_changes.write_to_new_address(message.change_id)


@handles(EmailChanged)
async def tell_old_address(message: EmailChanged, services: Services) -> None:
    await services.email_changes.tell_old_address(message.change_id)
