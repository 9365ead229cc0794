"""What a problem's `type` leads to: a page that explains it."""

from html import escape
from typing import Annotated, Final

from fastapi import Path, Request, Response

from app.api import errors
from app.api.answers import Answers
from app.api.errors import documented
from app.api.routing import stem
from app.core.errors import NotFound
from app.core.i18n import Locale, translate
from app.schemas.problems import Explained, ProblemRead, problem_read

router = stem("problems", prefix="/problems")
Code = Annotated[str, Path(pattern=r"^[a-z]+(-[a-z]+)*$", max_length=64, examples=["not-found"])]
EXPLAINED = Answers(problem_read)
POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"
PAGE: Final = """<!doctype html><html lang="{lang}"><meta charset="utf-8">
<meta name="viewport" content="width=device-width"><title>{title}</title>
<style>body{{font:16px/1.5 system-ui;max-width:40rem;margin:3rem auto;padding:0 1rem}}</style>
<h1>{title}</h1><p><code>{code}</code>, HTTP {status}</p><p>{advice}</p></html>"""
ADVICE: Final = {
    400: "Repair the request: it cannot be read as it is.",
    401: "Sign in, then send the request again with the new access token.",
    403: "Ask somebody who may do this.",
    404: "Check the address: it does not exist, or not for you.",
    405: "Use one of the methods in the Allow header.",
    409: "Fetch the current state, decide again, and send a new request.",
    412: "Fetch the current version and repeat the change on it.",
    413: "Send less.",
    415: "Send the body uncompressed, in the form the documentation asks for.",
    422: "Correct the fields named in `errors` and send the request again.",
    429: "Wait as long as Retry-After says.",
    500: "Try again later; tell us the request id if it stays.",
    503: "Wait as long as Retry-After says, then send the same request again.",
}


@router.get(
    "/{code}",
    response_model=ProblemRead,
    responses={
        200: {"content": {"text/html": {"schema": {"type": "string"}}}},
        **documented(NotFound),
    },
)
async def get_problem(code: Code, request: Request) -> Response:
    """Explain a problem code, as JSON or, for a browser, as a page."""
    if code not in (known := errors.known()):
        raise NotFound
    status, title = known[code]
    locale = errors.locale_of(request.scope)
    explained = Explained(code, translate(title, locale), status, translate(ADVICE[status], locale))
    as_page = "text/html" in request.headers.get("accept", "")
    response = _page(explained, locale) if as_page else EXPLAINED.ok(explained)
    response.headers["Vary"] = "Accept, Accept-Language"
    response.headers["Content-Language"] = locale
    return response


def _page(explained: Explained, locale: Locale) -> Response:
    content = PAGE.format(
        lang=locale,
        title=escape(explained.title),
        code=escape(explained.code),
        status=explained.status,
        advice=escape(explained.advice),
    )
    return Response(content, headers={"Content-Security-Policy": POLICY}, media_type="text/html")
