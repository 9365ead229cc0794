"""Query strings: strict like bodies."""

import pytest

LIST = "/api/v1/echoes"


@pytest.mark.parametrize(
    "query",
    [
        "colour=red",
        "LIMIT=1",
        "limit=0",
        "limit=101",
        "limit=-1",
        "limit=9223372036854775808",
        "limit=1e3",
        "limit=1_0",
        "limit=5.0",
        "limit=+5",
        "limit=",
        "limit=%D9%A1%D9%A1x",
        "limit[]=1",
        "include_total=maybe",
        "before=2030-01-31T09:00:00",
        "before=yesterday",
        "before=2030-01-31T09:00:00+02:00",  # a plus sign in a query is a space
        f"q={'a' * 21}",
        "q=a%07",
        "cursor=" + "a" * 4001,
    ],
)
async def test_a_parameter_that_is_unknown_or_wrong_is_a_422(http, query):
    response = await http.get(f"{LIST}?{query}")

    assert (response.status_code, response.json()["code"]) == (422, "validation-failed")
    assert response.json()["errors"][0]["location"] == "query"


@pytest.mark.parametrize(
    "query",
    ["limit=1&limit=2", "q=a&q=a", "colour=1&colour=2", "q=%00", "q=%ff", "q=%ed%a0%80", "%00=1"],
)
@pytest.mark.parametrize("path", [LIST, "/health/live", "/problems/not-found"])
async def test_a_query_that_can_mean_nothing_is_a_400_everywhere(http, path, query):
    response = await http.get(f"{path}?{query}")

    assert (response.status_code, response.json()["code"]) == (400, "malformed-query")


@pytest.mark.parametrize(
    "path", ["/health/live", "/problems/not-found", "/api/v1/echoes/looked", "/api/v1/bookings"]
)
async def test_what_takes_no_parameters_refuses_any(http, me, path):
    assert (await http.get(f"{path}?colour=red", headers=me)).status_code == 422


@pytest.mark.parametrize("limit", [1, 20, 100])
async def test_a_page_has_from_one_to_a_hundred(http, limit):
    assert (await http.get(f"{LIST}?limit={limit}")).json()["count"] == limit


@pytest.mark.parametrize("q", ["%", "_", "\\", "' OR 1=1--", "a & | !", "ﬁ"])
async def test_signs_are_just_signs(http, q):
    assert (await http.get(LIST, params={"q": q})).json()["text"] == q


NO_IDS = [
    "7",
    "9223372036854775808",
    "1e3",
    "0x1",
    "١",
    "%00",
    "9" * 5000,
    "0197a6c27c1e7a558d5e3f1c9a0b2d4e",
    "{0197a6c2-7c1e-7a55-8d5e-3f1c9a0b2d4e}",
    "urn:uuid:0197a6c2-7c1e-7a55-8d5e-3f1c9a0b2d4e",
    "0197a6c2-7c1e-7a55-8d5e-3f1c9a0b2d4g",
]


@pytest.mark.parametrize("text", NO_IDS, ids=lambda text: text[:20])
async def test_an_id_that_is_none_is_a_422(http, text):
    response = await http.get(f"/api/v1/echoes/{text}")

    assert response.status_code == 422
    assert response.json()["errors"] == [
        {
            "location": "path",
            "pointer": "#/echo_id",
            "code": response.json()["errors"][0]["code"],
            "message": "This is not an id.",
        }
    ]


async def test_every_id_in_every_path_is_one_or_a_422(http, app, me):
    """Whatever stem it belongs to: an id is written one way."""
    for path, methods in app.openapi()["paths"].items():
        for method, operation in methods.items():
            parameters = [p for p in operation.get("parameters", ()) if p["in"] == "path"]
            for parameter in parameters:
                if parameter["schema"].get("format") != "uuid":
                    assert parameter["schema"].keys() & {"pattern", "enum", "$ref"}, path
                    continue
                for text in ("7", "urn:uuid:0197a6c2-7c1e-7a55-8d5e-3f1c9a0b2d4e", "%00"):
                    asked = path.format(**{p["name"]: text for p in parameters})
                    response = await http.request(method, asked, headers=me)
                    assert response.status_code == 422, (method, asked, response.text)
