"""What was composed for somebody to read."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Written:
    """A composed letter without an addressee: subject, plain text, and HTML with inline styles.

    Of other channels than mail there is no HTML. The subject is one line, whatever was put in.
    """

    subject: str
    text: str
    html: str
