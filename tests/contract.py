"""Every answer a test gets is held against the OpenAPI document.

`client_of` asks for it, so a test of the API need not say it: the status is documented for that
operation, the media type too, and the bytes are what the declared schema says.
"""

from functools import cache
from typing import Any

import httpx
import jsonschema_rs
from starlette.routing import Match

from app.api.openapi import operations
from app.api.routing import Dispatch
from app.core.config import Settings
from app.main import create_app

Json = dict[str, Any]


async def ensure_documented(response: httpx.Response) -> None:
    """Fail the test whose request got an answer that the document does not tell of."""
    contract = _contract()
    operation = contract.operation(response.request.method, response.request.url.path)
    if operation is not None:
        await response.aread()
        contract.ensure(operation, response)


@cache
def _contract() -> "Contract":
    return Contract(Settings(_env_file=None, environment="test", secret_key="s" * 32))


class Contract:
    def __init__(self, settings: Settings) -> None:
        app = create_app(settings)
        self._document = app.openapi()
        self._dispatch = Dispatch(app)
        self._operations = {o["operationId"]: o for _, _, o in operations(self._document)}
        self._validators: dict[tuple[str, str, str], Any] = {}

    def operation(self, method: str, path: str) -> str | None:
        """Return the id of the operation that a request means, if it means one."""
        path = path.rstrip("/") or "/"
        scope = {"type": "http", "method": method, "path": path, "headers": []}
        for route in self._dispatch._candidates(path):
            if route.matches(scope)[0] is Match.FULL:
                name = getattr(route, "name", "")
                return name if name in self._operations else None
        return None

    def ensure(self, name: str, response: httpx.Response) -> None:
        status, media = str(response.status_code), response.headers.get("Content-Type", "")
        media = media.partition(";")[0]
        answers = self._operations[name]["responses"]
        assert status in answers, f"{name} does not document {status}: {response.text}"
        content = self._resolved(answers[status]).get("content", {})
        if not response.content:
            assert not content, f"{name} documents a body for {status}"
            return
        assert media in content, f"{name} does not document {media} for {status}"
        if media.endswith("json"):
            self._validator(name, status, media, content).validate(response.json())
        if media == "application/problem+json":
            codes = content[media]["examples"]
            assert response.json()["code"] in codes, f"{name} does not document {response.text}"

    def _validator(self, name: str, status: str, media: str, content: Json) -> Any:
        key = (name, status, media)
        if key not in self._validators:
            components = {"schemas": as_json_schema(self._document["components"]["schemas"])}
            schema = {**as_json_schema(content[media]["schema"]), "components": components}
            self._validators[key] = jsonschema_rs.Draft4Validator(schema, validate_formats=True)
        return self._validators[key]

    def _resolved(self, node: Json) -> Json:
        if "$ref" not in node:
            return node
        _, kind, name = node["$ref"].removeprefix("#/").split("/")
        return self._document["components"][kind][name]


def as_json_schema(node: Any) -> Any:
    """Return a schema of OpenAPI 3.0 as one of JSON Schema."""
    if isinstance(node, list):
        return [as_json_schema(part) for part in node]
    if not isinstance(node, dict):
        return node
    made = {key: as_json_schema(part) for key, part in node.items() if key != "nullable"}
    return {"anyOf": [made, {"type": "null"}]} if node.get("nullable") is True else made
