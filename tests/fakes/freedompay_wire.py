"""The wire of the fake FreedomPay: XML and signatures, written after their PHP and not after ours.

Their own code flattens a tree into names such as `pg_a001pg_b002`, and sorts those.
"""

import secrets
from hashlib import md5
from html import escape
from typing import Any
from xml.etree import ElementTree

Tree = list[tuple[str, Any]]
"""Names with a text, or with a tree."""


def flat(tree: Tree, parent: str = "") -> dict[str, str]:
    names: dict[str, str] = {}
    for place, (name, value) in enumerate(tree, start=1):
        if name == "pg_sig":
            continue
        path = f"{parent}{name}{place:03}"
        names |= flat(value, path) if isinstance(value, list) else {path: value}
    return names


def sign(script: str, tree: Tree, secret: str) -> str:
    values = [value for _, value in sorted(flat(tree).items())]
    return md5(";".join([script, *values, secret]).encode()).hexdigest()


def signed(script: str, tree: Tree, secret: str) -> Tree:
    salted = [*tree, ("pg_salt", secrets.token_hex(8))]
    return [*salted, ("pg_sig", sign(script, salted, secret))]


def xml(tree: Tree, root: str = "response") -> str:
    inner = "".join(
        xml(value, name) if isinstance(value, list) else f"<{name}>{escape(value)}</{name}>"
        for name, value in tree
    )
    return f"<{root}>{inner}</{root}>"


def read(content: bytes) -> Tree:
    """Return what is within the root of what we answered."""
    return _tree(ElementTree.fromstring(content))


def _tree(element: ElementTree.Element) -> Tree:
    return [(one.tag, _tree(one) if len(one) else one.text or "") for one in element]
