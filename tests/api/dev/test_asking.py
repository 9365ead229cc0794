"""The pages that letters lead to while there is no front end."""

import re

import pytest

from app.core.config import Settings
from app.main import create_app
from tests.conftest import SECRET, client_of

PAGES = ("/verify-email", "/forgot-password", "/reset-password", "/confirm-email")
DOCUMENT = create_app(Settings(_env_file=None, environment="test", secret_key=SECRET)).openapi()


@pytest.fixture
async def site(doors):
    async with client_of(doors, base="") as client:
        yield client


@pytest.mark.parametrize("path", PAGES)
async def test_a_page_asks_before_it_does_anything_and_runs_nothing_but_its_script(site, path):
    page = await site.get(f"{path}?token=<script>abc")

    assert (page.status_code, "abc" in page.text) == (200, False)
    assert page.text.count("<button") == page.text.count("<script") == 1
    policy = page.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; script-src 'sha256-")
    assert "frame-ancestors 'none'" in policy


@pytest.mark.parametrize("path", PAGES)
async def test_what_a_page_posts_is_what_an_operation_takes(site, path):
    page = (await site.get(path)).text
    (posted_to,) = re.findall(r'data-path="([^"]+)"', page)
    typed = re.findall(r'<input name="(\w+)"', page)

    operation = DOCUMENT["paths"][posted_to]["post"]
    name = str(operation["requestBody"]).partition("schemas/")[2].partition("'")[0]
    offered = DOCUMENT["components"]["schemas"][name]["properties"].keys()
    assert offered >= set(typed)
    assert ("token" in offered) == (path != "/forgot-password")


@pytest.mark.parametrize("environment", ["production", "test"])
async def test_outside_of_development_there_are_none(doors, settings, environment):
    settings.environment = environment

    async with client_of(doors, base="") as site:
        assert {(await site.get(path)).status_code for path in PAGES} == {404}
