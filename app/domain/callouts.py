"""The vocabulary of addresses that users give and that are called from here."""

from app.core.errors import Invalid


class AddressRefused(Invalid):
    """This is not a public web address that can be called, without a login in it."""

    pointer = "#/url"
