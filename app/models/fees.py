"""What holds of a fee for not coming wherever it is kept: in percent, or as an amount."""

from sqlalchemy import CheckConstraint


def no_show_fees(currency: str | None = None) -> list[CheckConstraint]:
    """Return the constraints of its columns; `currency` is the one of the price it belongs to."""
    found = [
        CheckConstraint("no_show_fee_percent BETWEEN 0 AND 100", name="no_show_fee_percent"),
        CheckConstraint(
            "no_show_fee_amount BETWEEN 0 AND 1000000000000", name="no_show_fee_amount"
        ),
        CheckConstraint(
            "num_nonnulls(no_show_fee_percent, no_show_fee_amount) <= 1", name="no_show_fee"
        ),
    ]
    if currency is not None:
        found.append(
            CheckConstraint(
                "(no_show_fee_amount IS NULL) = (no_show_fee_currency IS NULL)"
                f" AND (no_show_fee_currency IS NULL OR no_show_fee_currency = {currency})",
                name="no_show_fee_currency",
            )
        )
    return found
