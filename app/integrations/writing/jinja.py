"""Letters from templates: `<kind>.html` and `<kind>.txt`, whose first line is the subject.

A notification has one template, `<kind>.jinja`, which says what there is to say; how that looks
in a letter, a text message or a push is the layout of the channel that it is put into.
"""

import re
from functools import partial
from pathlib import Path
from typing import Final

from css_inline import CSSInliner
from jinja2 import FileSystemLoader, StrictUndefined
from jinja2.sandbox import ImmutableSandboxedEnvironment

from app.core.i18n import Locale, translate, translate_counted
from app.domain.notifications import Channel, Kind
from app.domain.writing import Written

TEMPLATES: Final = Path(__file__).parents[2] / "templates"
FOLDERS: Final = (TEMPLATES / "mail", TEMPLATES / "notifications")
EMPTY_LINES: Final = re.compile(r"\n(?:[ \t]*\n){2,}")
# What ends a line somewhere, or turns it around: of a subject nothing but spaces is left of it.
UNPRINTABLE: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]+")


class JinjaWriter:
    """In a template, `_("Hello {name}", name=name)` is that sentence in the reader's language.

    Whatever a sentence or a fact holds is escaped in HTML, and is never run: it is a value, and
    the templates are ours alone, in a sandbox even so.
    """

    def __init__(self) -> None:
        loader = FileSystemLoader(FOLDERS)
        self._html = ImmutableSandboxedEnvironment(
            loader=loader, autoescape=True, undefined=StrictUndefined, auto_reload=False
        )
        self._text = ImmutableSandboxedEnvironment(
            loader=loader,
            autoescape=False,  # plain text is not HTML
            undefined=StrictUndefined,
            auto_reload=False,
            trim_blocks=True,
        )
        self._inliner = CSSInliner(load_remote_stylesheets=False)

    def write(self, kind: str, locale: Locale, **facts: object) -> Written:
        given = _given(facts, locale)
        text = self._text.get_template(f"{kind}.txt").render(given)
        subject, body = _parted(text)
        html = self._html.get_template(f"{kind}.html").render(given, subject=subject)
        return Written(subject, body, self._inliner.inline(html))

    def compose(self, kind: Kind, channel: Channel, locale: Locale, **words: object) -> Written:
        given = {"unsubscribe": None} | _given(words, locale)
        template, is_letter = f"{kind}.jinja", channel is Channel.EMAIL
        layout = "letter.txt" if is_letter else f"{channel}.txt"
        text = self._text.get_template(template).render(given, layout=layout, parts="parts.txt")
        subject, body = _parted(text)
        if not is_letter:
            return Written(subject, body, "")
        html = self._html.get_template(template).render(
            given, layout="letter.html", parts="parts.html", subject=subject
        )
        return Written(subject, body, self._inliner.inline(html))


def _given(facts: dict[str, object], locale: Locale) -> dict[str, object]:
    def counted(one: str, many: str, count: int) -> str:
        return translate_counted(one, many, count, locale)

    spoken = {"_": partial(translate, locale=locale), "ngettext": counted, "locale": str(locale)}
    return {**facts, **spoken}


def _parted(text: str) -> tuple[str, str]:
    """Return the subject, which is one line, and the body."""
    subject, _, body = text.lstrip().partition("\n")
    clean = UNPRINTABLE.sub(" ", subject).strip()
    return clean, EMPTY_LINES.sub("\n\n", body).strip("\n").rstrip() + "\n"
