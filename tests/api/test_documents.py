"""The pages that show the document, without a network."""

import re

import pytest


@pytest.mark.parametrize("page", ["/docs", "/redoc"])
async def test_a_page_loads_nothing_from_elsewhere_and_all_it_loads_is_here(http, page):
    response = await http.get(page)
    loaded = re.findall(r'(?:src|href)="([^"]+)"', response.text)

    assert "default-src 'none'" in response.headers["Content-Security-Policy"]
    assert loaded
    for address in loaded:
        assert (await http.get(address)).status_code == 200, address


async def test_the_bare_address_leads_to_swagger(http):
    response = await http.get("/")

    assert (response.status_code, response.headers["Location"]) == (307, "/docs")


async def test_the_document_is_sent_once(http):
    first = await http.get("/openapi.json")
    again = await http.get("/openapi.json", headers={"If-None-Match": first.headers["ETag"]})

    assert (first.status_code, first.headers["Content-Type"]) == (200, "application/json")
    assert (again.status_code, again.content) == (304, b"")


async def test_authorize_in_swagger_asks_for_name_and_password(app):
    scheme = app.openapi()["components"]["securitySchemes"]["bearer"]

    assert scheme["flows"]["password"]["tokenUrl"] == "/api/v1/auth/token"
