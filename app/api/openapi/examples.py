"""An example of every body, composed from the examples of its fields."""

from typing import Any, Final

from app.api.openapi.schemas import Json

INSTANCES: Final = {
    "date-time": "2030-01-31T09:00:00Z",
    "date": "2030-01-31",
    "time": "09:30",
    "uuid": "0197a6c2-7c1e-7a55-8d5e-3f1c9a0b2d4e",
    "email": "ada@example.com",
    "uri": "https://example.com",
}
TYPES: Final = {"boolean": True, "number": 1.5, "string": "text", "object": {}}


def add(operation: Json, components: Json) -> None:
    """Give the request and the answers of an operation an example each.

    Optional parameters get none: Swagger UI would send it with the first try.
    """
    for parameter in operation.get("parameters", ()):
        found = parameter["schema"].pop("example", None)
        if parameter["required"]:
            parameter["example"] = found or example(parameter["schema"], components)
    bodies = [operation.get("requestBody", {}), *operation["responses"].values()]
    for index, body in enumerate(bodies):
        for media in body.get("content", {}).values():
            if "example" not in media:
                media["example"] = example(media["schema"], components, asked=index == 0)


def example(schema: Json, components: Json, *, asked: bool = False) -> Any:
    """Return an instance of a schema; what a client sends (`asked`) names no optional ids."""
    if "example" in schema:
        return schema["example"]
    if "$ref" in schema:
        return example(components[schema["$ref"].rpartition("/")[2]], components, asked=asked)
    for parts in ("allOf", "oneOf", "anyOf"):
        if parts in schema:
            return example(schema[parts][0], components, asked=asked)
    if "properties" in schema:
        return {
            name: example(field, components, asked=asked)
            for name, field in schema["properties"].items()
            if not asked or name in schema.get("required", ()) or field.get("format") != "uuid"
        }
    if schema.get("type") == "array":
        return [example(schema["items"], components, asked=asked)]
    return _instance(schema)


def _instance(schema: Json) -> Any:
    if "default" in schema:
        return schema["default"]
    if "enum" in schema:
        return schema["enum"][0]
    if schema.get("type") == "integer":
        return schema.get("minimum", 1)
    return INSTANCES.get(schema.get("format", ""), TYPES.get(schema.get("type", "")))
