"""The OpenAPI document: complete, true in its examples, and fit for generators."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute

from app.api import errors
from app.api.deps import OPTIONAL_BEARER
from app.api.openapi import document, operations
from app.api.openapi.answers import LIMITS
from app.api.openapi.schemas import portable
from app.core.config import Settings
from app.main import create_app
from tests.api import echoes
from tests.api.compatibility import broken
from tests.conftest import SECRET
from tests.contract import as_json_schema

ROOT = Path(__file__).parents[2]
RELEASED = ROOT / "docs/openapi.json"
SETTINGS = Settings(_env_file=None, environment="test", secret_key=SECRET)
APP = create_app(SETTINGS)
DOCUMENT = APP.openapi()
OPERATIONS = {
    operation["operationId"]: (p, m, operation) for p, m, operation in operations(DOCUMENT)
}
SCHEMAS = DOCUMENT["components"]["schemas"]

every_operation = pytest.mark.parametrize("name", OPERATIONS)


def nodes(node: Any, where: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield every object of the document outside of examples, and where it is."""
    if isinstance(node, dict):
        yield where, node
        for key, part in node.items():
            if key not in ("example", "examples", "default"):
                yield from nodes(part, f"{where}/{key}")
    elif isinstance(node, list):
        for index, part in enumerate(node):
            yield from nodes(part, f"{where}/{index}")


def resolved(node: dict[str, Any]) -> dict[str, Any]:
    while "$ref" in node:
        found: Any = DOCUMENT
        for part in node["$ref"].removeprefix("#/").split("/"):
            found = found[part]
        node = found
    return node


def validator(schema: dict[str, Any]) -> Any:
    components = {"schemas": as_json_schema(SCHEMAS)}
    return jsonschema_rs.Draft4Validator(
        {**as_json_schema(schema), "components": components}, validate_formats=True
    )


@every_operation
def test_an_operation_says_what_it_is(name):
    path, _, operation = OPERATIONS[name]
    tags = {tag["name"]: tag["description"] for tag in DOCUMENT["tags"]}

    assert re.fullmatch(r"[a-z]+(_[a-z]+)*", name), path
    assert operation["summary"]
    assert not operation["summary"].endswith(".")
    assert [bool(tags[tag]) for tag in operation["tags"]] == [True]


@every_operation
def test_an_operation_says_what_it_answers(name):
    _, method, operation = OPERATIONS[name]
    answers = {status: resolved(answer) for status, answer in operation["responses"].items()}
    good = [answer for status, answer in answers.items() if status.startswith("2")]

    assert good
    assert {"400", "422", "500"} <= answers.keys()
    assert ("401" in answers) >= ("security" in operation)
    assert ("413" in answers) == (method != "get")
    assert ("415" in answers) == ("requestBody" in operation)
    assert all("X-Request-ID" in answer["headers"] for answer in good)
    for status, answer in answers.items():
        assert answer["description"]
        if status >= "400" and name != "get_readiness":
            assert list(answer["content"]) == ["application/problem+json"], status
        for media in answer.get("content", {}).values():
            assert "example" in media or media["examples"], status


@every_operation
def test_an_operation_documents_what_its_headers_bring_about(name):
    _, _, operation = OPERATIONS[name]
    asked = {p["name"] for p in operation.get("parameters", ()) if p["in"] == "header"}
    answers = {status: resolved(answer) for status, answer in operation["responses"].items()}
    contents = [media for a in answers.values() for media in a.get("content", {}).values()]
    codes = {code for media in contents for code in media.get("examples", ())}
    good = [answer for status, answer in answers.items() if status < "400"]
    headers = {header for answer in good for header in answer.get("headers", ())}

    assert ("304" in answers) == ("If-None-Match" in asked)
    assert ("412" in answers) == ("If-Match" in asked)
    assert ("ETag" in headers) >= ("If-None-Match" in asked)
    for code in ("idempotency-key-in-use", "idempotency-key-reused"):
        assert (code in codes) == ("Idempotency-Key" in asked)
    assert ("Idempotency-Replayed" in headers) == ("Idempotency-Key" in asked)
    if "503" in answers and name != "get_readiness":
        assert "Retry-After" in answers["503"]["headers"]


@every_operation
def test_examples_are_what_the_schema_says(name):
    _, _, operation = OPERATIONS[name]
    bodies = [operation.get("requestBody", {}), *map(resolved, operation["responses"].values())]

    for body in bodies:
        for media in body.get("content", {}).values():
            given = [media["example"]] if "example" in media else []
            given += [resolved(one)["value"] for one in media.get("examples", {}).values()]
            for example in given:
                validator(media["schema"]).validate(example)
    for parameter in operation.get("parameters", ()):
        if "example" in parameter:
            validator(parameter["schema"]).validate(parameter["example"])
        assert ("example" in parameter) == parameter["required"]


@pytest.mark.parametrize(
    "route",
    [r for r in APP.routes if isinstance(r, APIRoute) and r.body_field],
    ids=lambda r: r.name,
)
def test_the_example_of_a_request_is_accepted(route):
    (media,) = OPERATIONS[route.name][2]["requestBody"]["content"].values()

    _, problems = route.body_field.validate(media["example"], {}, loc=("body",))

    assert not problems


@pytest.mark.parametrize("name", SCHEMAS)
def test_every_field_has_an_example(name):
    if "example" in SCHEMAS[name]:
        return
    for field, schema in SCHEMAS[name].get("properties", {}).items():
        inner = schema.get("items", schema)
        refers = "$ref" in inner or "allOf" in inner
        assert refers or "example" in schema or "enum" in inner, f"{name}.{field}"


def test_every_code_a_problem_can_have_has_an_example_that_is_one():
    examples = DOCUMENT["components"]["examples"]

    assert examples.keys() == errors.known().keys()
    for code, example in examples.items():
        validator({"$ref": "#/components/schemas/Problem"}).validate(example["value"])
        assert example["value"]["code"] == code


def test_names_are_words_in_every_language():
    for kind in ("schemas", "responses"):
        for name in DOCUMENT["components"][kind]:
            assert re.fullmatch(r"[A-Z][A-Za-z0-9]*", name), name
    assert len({name.lower() for name in SCHEMAS}) == len(SCHEMAS)


JSON_TYPES = ("object", "array", "string", "integer", "number", "boolean")
WORDS = {
    *("$ref", "type", "format", "nullable", "enum", "description", "example", "default"),
    *("properties", "required", "additionalProperties", "items", "allOf", "anyOf", "oneOf"),
    *("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "pattern"),
    *("minLength", "maxLength", "minItems", "maxItems", "uniqueItems"),
}


def schemas() -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield every schema of the document, and where it is."""
    for where, node in nodes(DOCUMENT):
        if "schema" in node and not where.endswith("/properties"):
            yield from inside(node["schema"], f"{where}/schema")
    for name, schema in SCHEMAS.items():
        yield from inside(schema, name)


def inside(schema: Any, where: str) -> Iterator[tuple[str, dict[str, Any]]]:
    if isinstance(schema, dict):
        yield where, schema
        for name, field in schema.get("properties", {}).items():
            yield from inside(field, f"{where}.{name}")
        for key in ("items", "additionalProperties", "allOf", "anyOf", "oneOf"):
            yield from inside(schema.get(key), f"{where}/{key}")
    elif isinstance(schema, list):
        for part in schema:
            yield from inside(part, where)


def test_there_are_only_shapes_that_generators_know():
    assert DOCUMENT["openapi"] == "3.0.3"
    for where, schema in schemas():
        assert schema.keys() <= WORDS, where
        assert schema.get("type") in (None, *JSON_TYPES), where
        assert isinstance(schema.get("exclusiveMinimum", True), bool), where
        assert "$ref" not in schema or list(schema) == ["$ref"], where
        assert "enum" not in schema or where in SCHEMAS, where
        assert "items" in schema or schema.get("type") != "array", where
        assert schema, f"{where} can be anything"


def test_every_reference_leads_somewhere_and_nothing_is_left_over():
    used = {node["$ref"] for _, node in nodes(DOCUMENT) if "$ref" in node}
    there = {
        f"#/components/{kind}/{name}"
        for kind in ("schemas", "responses", "headers")
        for name in DOCUMENT["components"][kind]
    }

    assert used == there
    assert "HTTPValidationError" not in json.dumps(DOCUMENT)


def test_who_may_be_signed_in_is_an_alternative(app: FastAPI):
    found = {o["operationId"]: o for _, _, o in operations(app.openapi())}

    assert found["get_looked"]["security"] == [{}, {"bearer": []}, {"apiKey": []}]
    assert found["create_echo"]["security"] == [{"bearer": []}]
    assert "security" not in found["list_echoes"]
    assert OPTIONAL_BEARER not in app.openapi()["components"]["securitySchemes"]


def test_what_the_conventions_bring_is_documented_without_being_said(app: FastAPI):
    made = app.openapi()
    found = {o["operationId"]: o["responses"] for _, _, o in operations(made)}

    def codes(name: str, status: str) -> set[str]:
        kind = found[name][status]["$ref"].rpartition("/")[2]
        (media,) = made["components"]["responses"][kind]["content"].values()
        return set(media["examples"])

    assert codes("create_echo", "400") == {"malformed-json", "malformed-query"}
    assert codes("create_form_echo", "400") == {"malformed-form", "malformed-query"}
    assert codes("create_echo", "401") == {"unauthenticated"}
    assert codes("get_looked", "401") == {"invalid-api-key", "unauthenticated"}
    assert codes("create_echo", "409") == {"idempotency-key-in-use", "slot-unavailable"}
    assert codes("update_echo", "412") == {"precondition-failed"}
    assert codes("create_echo", "413") == {"body-too-large"}
    assert codes("create_echo", "415") == {"unsupported-media-type"}
    assert codes("create_echo", "422") == {"idempotency-key-reused", "validation-failed"}
    assert codes("create_echo", "503") == {"busy", "database-unavailable"}
    assert found["get_echo"]["304"]["headers"].keys() == {"ETag", *LIMITS}
    assert found["get_echo"]["200"]["headers"].keys() == {"ETag", "X-Request-ID", *LIMITS}
    assert found["create_echo"]["201"]["headers"].keys() >= {"Location", "Idempotency-Replayed"}


@pytest.mark.parametrize(
    ("schema", "becomes"),
    [
        ({"anyOf": [{"type": "string"}, {"type": "null"}]}, {"type": "string", "nullable": True}),
        (
            {"anyOf": [{"$ref": "#/x"}, {"type": "null"}], "description": "d"},
            {"allOf": [{"$ref": "#/x"}], "nullable": True, "description": "d"},
        ),
        (
            {"anyOf": [{"type": "string"}, {"type": "integer"}, {"type": "null"}]},
            {"anyOf": [{"type": "string"}, {"type": "integer"}], "nullable": True},
        ),
        ({"const": "a", "type": "string"}, {"enum": ["a"], "type": "string"}),
        ({"exclusiveMinimum": 3}, {"minimum": 3, "exclusiveMinimum": True}),
        ({"ge": 1, "lt": 5}, {"minimum": 1, "maximum": 5, "exclusiveMaximum": True}),
        ({"format": "date", "ge": "1970-01-01"}, {"format": "date"}),
        ({"type": "integer", "examples": [1, 2], "title": "T"}, {"type": "integer", "example": 1}),
        (
            {
                "prefixItems": [{"type": "string"}, {"type": "integer"}],
                "type": "array",
                "maxItems": 2,
            },
            {
                "items": {"anyOf": [{"type": "string"}, {"type": "integer"}]},
                "type": "array",
                "maxItems": 2,
            },
        ),
        (
            {"type": "string", "contentMediaType": "application/octet-stream"},
            {"type": "string", "format": "binary"},
        ),
        (
            {"properties": {"title": {"type": "string", "title": "Title", "default": "x"}}},
            {"properties": {"title": {"type": "string", "description": 'By default `"x"`.'}}},
        ),
    ],
    ids=str,
)
def test_a_schema_is_said_in_the_words_of_30(schema, becomes):
    assert portable(schema) == becomes


def test_every_process_writes_the_same_document():
    """Its ETag is the same whichever worker is asked."""
    program = f"""
import json
from app.core.config import Settings
from app.main import create_app
settings = Settings(_env_file=None, environment="test", secret_key="{SECRET}")
print(json.dumps(create_app(settings).openapi()))
"""
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, "PYTHONHASHSEED": "1"},
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )

    assert done.stdout.strip() == json.dumps(DOCUMENT)


def test_a_new_release_only_adds_to_the_last():
    released = json.loads(RELEASED.read_text())

    assert broken(released, DOCUMENT) == []


def changed(path: str, change: Any) -> dict[str, Any]:
    made = json.loads(json.dumps(document(APP)))
    node = made
    *parents, last = path.split(">")
    for part in parents:
        node = node[part]
    if change is None:
        del node[last]
    else:
        node[last] = change(node[last])
    return made


@pytest.mark.parametrize(
    ("path", "change"),
    [
        ("paths>/health/live", None),
        ("paths>/health/live>get", None),
        ("paths>/health/live>get>operationId", lambda _: "other"),
        ("paths>/health/live>get>responses>200", None),
        ("paths>/health/live>get>parameters", None),
        ("components>schemas>HealthRead>properties>status", None),
        ("components>schemas>HealthRead>required", lambda _: []),
        ("components>schemas>HealthReadStatus>enum", lambda values: values[:1]),
        ("components>schemas>Money>properties>amount>type", lambda _: "string"),
        ("components>schemas>ServiceCreate>required", lambda names: [*names, "tags"]),
        ("components>schemas>BookingCreate>properties>notes", None),
        ("components>schemas>BookingCreate>properties>notes>maxLength", lambda _: 10),
        ("components>schemas>BookingRead>properties>id>nullable", lambda _: True),
    ],
)
def test_control_what_a_client_relies_on_cannot_go(path, change):
    if path.endswith(("parameters", "nullable")):
        before, after = changed("paths>/health/live>get>tags", lambda tags: tags), DOCUMENT
        parameter = {"name": "x", "in": "query", "required": True, "schema": {"type": "string"}}
        if path.endswith("nullable"):
            after = json.loads(json.dumps(DOCUMENT))
            after["components"]["schemas"]["BookingRead"]["properties"]["id"]["nullable"] = True
        else:
            after = json.loads(json.dumps(DOCUMENT))
            after["paths"]["/health/live"]["get"]["parameters"] = [parameter]
        assert broken(before, after)
    else:
        assert broken(DOCUMENT, changed(path, change))


def test_the_stem_of_the_tests_is_not_in_the_product():
    assert not {route.name for route in echoes.router.routes} & OPERATIONS.keys()
