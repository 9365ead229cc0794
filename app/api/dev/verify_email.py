"""Where the link of a letter leads while there is no front end.

The path belongs to the front end at PUBLIC_URL, which does the same: it asks, then posts the
token. A GET confirms nothing, since mail programs follow links before people do.
"""

from base64 import b64encode
from hashlib import sha256
from typing import Final

from fastapi import APIRouter, Response

from app.api.routing import API

SCRIPT: Final = """
document.querySelector("button").onclick = async () => {
  const token = new URLSearchParams(location.search).get("token");
  const response = await fetch("@api/auth/verify-email", {
    method: "POST",
    headers: {"Content-Type": "application/json", "Accept-Language": navigator.language},
    body: JSON.stringify({token}),
  });
  const answer = await response.json();
  document.querySelector("output").textContent = response.ok
    ? "Confirmed. You can log in now." : answer.title;
};
""".replace("@api", API)
DIGEST: Final = b64encode(sha256(SCRIPT.encode()).digest()).decode()
POLICY: Final = (
    f"default-src 'none'; script-src 'sha256-{DIGEST}'; style-src 'unsafe-inline';"
    " connect-src 'self'; frame-ancestors 'none'"
)
PAGE: Final = f"""<!doctype html><html lang="en"><meta charset="utf-8">
<meta name="viewport" content="width=device-width"><title>Confirm your e-mail address</title>
<style>body{{font:16px/1.5 system-ui;max-width:30rem;margin:3rem auto;padding:0 1rem}}
button{{font:inherit;padding:.7rem 1.2rem}}output{{display:block;margin-top:1rem}}</style>
<h1>Confirm your e-mail address</h1><p>This page stands in for the front end.</p>
<button>Confirm my address</button><output></output>
<script>{SCRIPT}</script></html>"""

router = APIRouter(include_in_schema=False)


@router.get("/verify-email")
async def show_verification() -> Response:
    """Ask before the token in the address is used."""
    return Response(PAGE, headers={"Content-Security-Policy": POLICY}, media_type="text/html")
