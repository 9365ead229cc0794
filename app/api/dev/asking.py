"""Pages that letters lead to while there is no front end: each asks, then posts.

Their paths belong to the front end at PUBLIC_URL, which does the same. A GET does nothing, since
mail programs follow links before people do.
"""

from base64 import b64encode
from hashlib import sha256
from html import escape
from typing import Final

from fastapi import Response

from app.api.routing import API

SCRIPT: Final = """
const form = document.querySelector("form");
form.onsubmit = async (event) => {
  event.preventDefault();
  const token = new URLSearchParams(location.search).get("token");
  const asked = {...(token === null ? {} : {token}), ...Object.fromEntries(new FormData(form))};
  const response = await fetch(form.dataset.path, {
    method: "POST",
    headers: {"Content-Type": "application/json", "Accept-Language": navigator.language},
    body: JSON.stringify(asked),
  });
  document.querySelector("output").textContent = response.ok
    ? form.dataset.done : (await response.json()).detail;
};
"""
DIGEST: Final = b64encode(sha256(SCRIPT.encode()).digest()).decode()
POLICY: Final = (
    f"default-src 'none'; script-src 'sha256-{DIGEST}'; style-src 'unsafe-inline';"
    " connect-src 'self'; form-action 'none'; frame-ancestors 'none'"
)
PAGE: Final = """<!doctype html><html lang="en"><meta charset="utf-8">
<meta name="viewport" content="width=device-width"><title>{title}</title>
<style>body{{font:16px/1.5 system-ui;max-width:30rem;margin:3rem auto;padding:0 1rem}}
input,button{{font:inherit;padding:.7rem 1.2rem}}output{{display:block;margin-top:1rem}}</style>
<h1>{title}</h1><p>This page stands in for the front end.</p>
<form data-path="{path}" data-done="{done}">{field}<button>{button}</button></form>
<output></output>
<script>{script}</script></html>"""
FIELD: Final = (
    '<p><input name="{name}" type="{kind}" autocomplete="{fill}" placeholder="{label}"'
    ' aria-label="{label}" required></p>'
)


def field(name: str, kind: str, *, fill: str, label: str) -> str:
    """Return an input whose value is posted beside the token of the address."""
    return FIELD.format(name=name, kind=kind, fill=fill, label=escape(label))


def page(title: str, *, path: str, button: str, done: str, field: str = "") -> Response:
    """Return a page that posts to a path of the API, and tells `done` or why not."""
    content = PAGE.format(
        title=escape(title),
        path=f"{API}{path}",
        done=escape(done),
        field=field,
        button=escape(button),
        script=SCRIPT,
    )
    return Response(content, headers={"Content-Security-Policy": POLICY}, media_type="text/html")
