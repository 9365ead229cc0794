"""Accounts for those who look after the business."""

import pytest

from app.domain.passwords import WeakPassword
from app.domain.roles import Role
from app.domain.users import InvalidEmail, UserStatus
from app.repositories.users import UserRepository
from tests.factories.accounts import make_user

PASSWORD = "correct horse battery"


async def create(doors, email="Boss@Example.com", password=PASSWORD, role=Role.SUPER_ADMIN):
    return await doors.perform(lambda services: services.users.create_staff(email, password, role))


async def test_a_new_account_can_be_used_at_once(doors):
    user, is_new = await create(doors)

    assert (user.email, user.roles, is_new) == (
        "boss@example.com",
        ["customer", "super_admin"],
        True,
    )
    await doors.perform(lambda services: services.auth.log_in("boss@example.com", PASSWORD))


async def test_a_second_time_changes_nothing(doors, connection):
    first, _ = await create(doors)

    again, is_new = await create(doors, password="another good password")

    assert (again, is_new) == (first, False)
    assert await UserRepository(connection).get(first.id) == first


async def test_an_existing_account_gets_the_role_and_keeps_its_password(
    doors, connection, adapters
):
    user = await make_user(connection, password_hash=await adapters.passwords.hash(PASSWORD))

    granted, is_new = await create(doors, user.email, "another good password", Role.ACCOUNTANT)

    assert (granted.id, granted.roles, is_new) == (user.id, ["customer", "accountant"], False)
    kept = await UserRepository(connection).get(user.id)
    assert (kept.roles, kept.password_hash) == (["customer", "accountant"], user.password_hash)


async def test_who_registered_the_address_without_confirming_it_gets_no_role(
    doors, connection, adapters
):
    eve = await make_user(
        connection,
        email="boss@example.com",
        status=UserStatus.PENDING,
        email_verified_at=None,
        password_hash=await adapters.passwords.hash("eve was here first"),
    )

    user, is_new = await create(doors)

    assert is_new
    assert user.id != eve.id
    assert await UserRepository(connection).get(eve.id) is None


@pytest.mark.parametrize(
    ("email", "password", "refusal"),
    [("boss", PASSWORD, InvalidEmail), ("boss@example.com", "password123", WeakPassword)],
)
async def test_what_cannot_be_used_is_refused(doors, email, password, refusal):
    with pytest.raises(refusal):
        await create(doors, email, password)
