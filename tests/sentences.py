"""Every sentence of the program that people read in their own language."""

import ast
from collections.abc import Iterator
from pathlib import Path

from jinja2 import Environment

from app.api import errors, messages
from app.api.v1 import problems
from app.core.errors import AppError
from app.main import create_app  # which imports every refusal there is

APP = Path(__file__).parents[1] / "app"
JINJA = Environment(extensions=["jinja2.ext.i18n"], autoescape=True)


def sentences() -> Iterator[str]:
    """Yield titles, advice, messages of fields, and what is said in letters."""
    assert create_app
    yield from (title for _, title in (*errors.PROTOCOL.values(), errors.INVALID, errors.CRASHED))
    yield from (refusal.title for refusal in _refusals())
    yield from problems.ADVICE.values()
    yield from (messages.NO_BODY, messages.NO_EMAIL, *messages.SENTENCES.values())
    for path in sorted(APP.rglob("*.py")):
        yield from _said_by(ast.parse(path.read_text()), path)
    for path in sorted((APP / "templates").rglob("*.*")):
        yield from (text for _, _, text in _in(path) if isinstance(text, str))


def counted_sentences() -> Iterator[str]:
    """Yield the singulars of what is said of a number of things."""
    for path in sorted((APP / "templates").rglob("*.*")):
        yield from (text[0] for _, _, text in _in(path) if isinstance(text, tuple) and text[0])


def _in(path: Path) -> Iterator[tuple[int, str, str | tuple[str | None, ...] | None]]:
    return iter(JINJA.extract_translations(path.read_text()))


def _refusals() -> list[type[AppError]]:
    """Return those of the program; tests have some of their own."""
    return [refusal for refusal in errors.refusals() if refusal.__module__.startswith("app.")]


def _said_by(tree: ast.Module, path: Path) -> Iterator[str]:
    """Yield details of refusals, ValueErrors of schemas, and constants that are translated."""
    refusals = {refusal.__name__ for refusal in _refusals()}
    raising = refusals | ({"ValueError"} if path.parent.name == "schemas" else set())
    assigned = [node for node in tree.body if isinstance(node, ast.Assign | ast.AnnAssign)]
    constants = {ast.unparse(getattr(n, "target", None) or n.targets[0]): n.value for n in assigned}
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.args:
            said = node.args[0]
            if node.func.id == "translate" and isinstance(said, ast.Name):
                said = constants.get(said.id, said)
            if isinstance(said, ast.Constant) and node.func.id in {*raising, "translate"}:
                yield said.value
        if isinstance(node, ast.Call) and ast.unparse(node.func).endswith(".ensure_may"):
            yield from (said.value for said in node.args if isinstance(said, ast.Constant))
