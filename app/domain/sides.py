"""The sides of a conversation."""

from enum import StrEnum


class Side(StrEnum):
    """What somebody is in it; a conversation has a customer and one of the others."""

    CUSTOMER = "customer"
    PROVIDER = "provider"
    ORGANIZER = "organizer"
    SUPPORT = "support"
