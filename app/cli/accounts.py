"""Accounts for those who look after the business; nobody can register as one of them."""

from collections.abc import Callable
from typing import Annotated, Final

import typer

from app.cli.surroundings import at_hand, perform, read_settings
from app.domain.roles import Role

COMMANDS: Final = {
    "create-superadmin": Role.SUPER_ADMIN,
    "create-admin": Role.ADMIN,
    "create-accountant": Role.ACCOUNTANT,
    "create-management": Role.MANAGEMENT,
}

Email = Annotated[str, typer.Option(prompt=True)]
Password = Annotated[str, typer.Option(prompt=True, confirmation_prompt=True, hide_input=True)]


def add_commands(program: typer.Typer) -> None:
    for name, role in COMMANDS.items():
        program.command(name, help=f"Make an account, or give one, the role {role}.")(_create(role))


def _create(role: Role) -> Callable[[str, str], None]:
    def command(email: Email, password: Password) -> None:
        with at_hand(read_settings()) as settings:
            user, is_new = perform(
                settings,
                lambda doors: doors.perform(
                    lambda services: services.users.create_staff(email, password, role)
                ),
            )
        print(f"{user.email} is {role} now" + ("" if is_new else "; the password stays as it was"))

    return command
