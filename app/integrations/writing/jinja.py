"""Letters from templates: `<kind>.html` and `<kind>.txt`, whose first line is the subject."""

from functools import partial
from pathlib import Path
from typing import Final

from css_inline import CSSInliner
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from app.core.i18n import Locale, translate
from app.integrations.writing.protocol import Written

TEMPLATES: Final = Path(__file__).parents[2] / "templates" / "mail"


class JinjaWriter:
    """In a template, `_("Hello {name}", name=name)` is that sentence in the reader's language.

    Whatever a sentence or a fact holds is escaped in HTML.
    """

    def __init__(self) -> None:
        loader = FileSystemLoader(TEMPLATES)
        self._html = Environment(
            loader=loader, autoescape=True, undefined=StrictUndefined, auto_reload=False
        )
        self._text = Environment(
            loader=loader,
            autoescape=False,  # noqa: S701  # plain text is not HTML
            undefined=StrictUndefined,
            auto_reload=False,
            trim_blocks=True,
        )
        self._inliner = CSSInliner(load_remote_stylesheets=False)

    def write(self, kind: str, locale: Locale, **facts: object) -> Written:
        given = {**facts, "_": partial(translate, locale=locale), "locale": str(locale)}
        subject, _, text = self._text.get_template(f"{kind}.txt").render(given).partition("\n")
        html = self._html.get_template(f"{kind}.html").render(given, subject=subject)
        return Written(subject.strip(), f"{text.strip()}\n", self._inliner.inline(html))
