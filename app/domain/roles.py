"""Roles: what somebody is in the business."""

from enum import StrEnum
from typing import Final


class Role(StrEnum):
    CUSTOMER = "customer"
    PROVIDER = "provider"
    ORGANIZER = "organizer"
    MANAGEMENT = "management"
    ACCOUNTANT = "accountant"
    ADMIN = "admin"
    SUPER_ADMIN = "super_admin"


STAFF: Final = frozenset({Role.MANAGEMENT, Role.ACCOUNTANT, Role.ADMIN, Role.SUPER_ADMIN})
"""Those who work for the platform; nobody can register as one of them."""
