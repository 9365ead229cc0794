"""Leaving out the end of what is too long for a messenger."""


def cut(text: str, most: int) -> str:
    """Return the text in `most` characters; where something is left out, three dots say so."""
    return text if len(text) <= most else f"{text[: most - 1].rstrip()}…"
