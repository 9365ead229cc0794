"""What holds of a deposit wherever it is kept: in percent or as an amount, and with its rest."""

from sqlalchemy import CheckConstraint


def deposits(currency: str | None = None) -> list[CheckConstraint]:
    """Return the constraints of its columns; `currency` is the one of the price it belongs to."""
    found = [
        CheckConstraint("deposit_percent BETWEEN 1 AND 100", name="deposit_percent"),
        CheckConstraint("deposit_amount BETWEEN 1 AND 1000000000000", name="deposit_amount"),
        CheckConstraint(
            "num_nonnulls(deposit_percent, deposit_amount) = num_nonnulls(deposit_rest)",
            name="deposit",
        ),
    ]
    if currency is not None:
        found.append(
            CheckConstraint(
                "(deposit_amount IS NULL) = (deposit_currency IS NULL)"
                f" AND (deposit_currency IS NULL OR deposit_currency = {currency})",
                name="deposit_currency",
            )
        )
    return found
