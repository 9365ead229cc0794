"""The OpenAPI document, in shapes that generators of typed clients understand.

FastAPI writes OpenAPI 3.1. Most generators, those for Dart above all, are at home in 3.0.3, whose
`nullable` they read where 3.1 has `anyOf` with null. So the document is rewritten: `schemas`
makes the shapes portable and names every enum, `examples` composes an example of every body from
those of its fields, and `answers` adds what the conventions say once for all operations.
"""

from typing import Any, Final

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute

from app.api.openapi import answers, examples, schemas
from app.api.openapi.schemas import Json

METHODS: Final = ("get", "put", "post", "delete", "patch")
FASTAPIS_OWN: Final = ("HTTPValidationError", "ValidationError")


def document(app: FastAPI) -> Json:
    """Return the whole document of an application."""
    made = get_openapi(
        title=app.title,
        version=app.version,
        description=app.description,
        routes=app.routes,
        tags=_tags(app),
    )
    made["openapi"] = "3.0.3"
    components = made["components"]
    components |= answers.shared() | {"securitySchemes": answers.security(components)}
    components["schemas"] |= answers.schemas()
    for name in FASTAPIS_OWN:
        components["schemas"].pop(name, None)
    for path, method, operation in operations(made):
        components["schemas"] |= operation.pop("x-schemas", {})
        if operation.get("description", "").rstrip(".") == operation["summary"]:
            del operation["description"]
        answers.complete(path, method, operation, components)
    schemas.make_portable(made)
    for _, _, operation in operations(made):
        examples.add(operation, components["schemas"])
    return made


def operations(made: Json) -> list[tuple[str, str, Json]]:
    """Return path, method and description of every operation."""
    return [
        (path, method, operation)
        for path, methods in made["paths"].items()
        for method, operation in methods.items()
        if method in METHODS
    ]


def _tags(app: FastAPI) -> list[dict[str, Any]]:
    """Describe each tag by the docstring of the module that has its routes."""
    described: dict[str, str] = {}
    for route in app.routes:
        if isinstance(route, APIRoute) and route.include_in_schema:
            module = route.endpoint.__globals__
            for tag in map(str, route.tags):
                described.setdefault(tag, (module["__doc__"] or "").strip().splitlines()[0])
    return [{"name": name, "description": text} for name, text in sorted(described.items())]
