"""Schemas as OpenAPI 3.0.3 has them, every enum with a name."""

import json
import re
from collections.abc import Iterator
from typing import Any, Final

Json = dict[str, Any]
REFERENCE: Final = "#/components/schemas/"
NULL: Final = {"type": "null"}
# The bounds of 3.1 in the words of 3.0.3; pydantic leaves its own where a validator stands before.
BOUNDS: Final = {
    "ge": ("minimum", False),
    "le": ("maximum", False),
    "gt": ("minimum", True),
    "lt": ("maximum", True),
    "exclusiveMinimum": ("minimum", True),
    "exclusiveMaximum": ("maximum", True),
}
AROUND: Final = ("nullable", "default", "description", "example")
"""What is said of the use of an enum, and not of the enum."""
# What FastAPI and pydantic add and nobody reads, or what 3.0.3 does not know.
DROPPED: Final = ("title", "$defs", "propertyNames", "contentMediaType", "prefixItems")


def reference(name: str) -> Json:
    return {"$ref": REFERENCE + name}


def pascal(name: str) -> str:
    return "".join(part[:1].upper() + part[1:] for part in re.split(r"[^A-Za-z0-9]+", name))


def make_portable(made: Json) -> None:
    """Rewrite every schema of the document in place."""
    components = made["components"]["schemas"]
    for name in list(components):
        components[name] = portable(components[name])
    for holder in _holders(made["paths"]):
        holder["schema"] = portable(holder["schema"])
        if "in" in holder:  # a parameter is there or not, but never null
            for key in ("nullable", "description"):
                holder["schema"].pop(key, None)
            if list(holder["schema"]) == ["allOf"]:
                (holder["schema"],) = holder["schema"]["allOf"]
    _name_enums(made)
    _rename_generics(made)


def portable(schema: Any) -> Any:
    """Return the same schema in the words of 3.0.3."""
    if isinstance(schema, list):
        return [portable(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    made = {key: value for key, value in schema.items() if key not in DROPPED}
    _rewrite(made, schema)
    for key in ("properties", "items", "additionalProperties", "allOf", "anyOf", "oneOf"):
        if key == "properties" and key in made:
            made[key] = {name: _told(portable(field)) for name, field in made[key].items()}
        elif key in made:
            made[key] = portable(made[key])
    return _nullable(made)


def _rewrite(made: Json, schema: Json) -> None:
    if made.pop("examples", None) is not None:
        made["example"] = schema["examples"][0] if schema["examples"] else None
    if "const" in made:
        made["enum"] = [made.pop("const")]
    if "prefixItems" in schema:
        made["items"] = {"anyOf": schema["prefixItems"]}
    if schema.get("contentMediaType") == "application/octet-stream":
        made["format"] = "binary"
    if made.get("default", ...) is None:
        del made["default"]
    for word in BOUNDS:
        made.pop(word, None)
    for word, (bound, exclusive) in BOUNDS.items():
        value = schema.get(word)
        if isinstance(value, int | float):  # the bounds of a date can't be said
            made[bound] = value
            made |= {f"exclusive{bound.capitalize()}": True} if exclusive else {}


def _nullable(made: Json) -> Json:
    """Write "this or null" as `nullable`, and put what stands beside a reference around it."""
    others = [part for part in made.get("anyOf", ()) if part != NULL]
    if len(others) < len(made.get("anyOf", ())):
        del made["anyOf"]
        made["nullable"] = True
        made |= {"anyOf": others} if len(others) > 1 else {**others[0], **made}
    if "$ref" in made and len(made) > 1:
        made["allOf"] = [{"$ref": made.pop("$ref")}]
    return made


def _told(field: Json) -> Json:
    """Tell a default in words: to openapi-typescript a field with a default is a required one."""
    if "default" not in field:
        return field
    default = f"By default `{json.dumps(field.pop('default'))}`."
    return {**field, "description": f"{field.get('description', '')} {default}".strip()}


def _holders(node: Any) -> Iterator[Json]:
    """Yield what has a schema below paths: parameters, headers and media types."""
    if isinstance(node, list):
        for part in node:
            yield from _holders(part)
    elif isinstance(node, dict):
        if isinstance(node.get("schema"), dict):
            yield node
        for key, part in node.items():
            if key not in ("schema", "example", "examples"):
                yield from _holders(part)


def _name_enums(made: Json) -> None:
    components = made["components"]["schemas"]
    for owner in list(components):
        for name, field in components[owner].get("properties", {}).items():
            components[owner]["properties"][name] = _named(field, owner + pascal(name), components)
    for methods in made["paths"].values():
        for operation in methods.values():
            for parameter in operation.get("parameters", ()):
                name = pascal(operation["operationId"]) + pascal(parameter["name"])
                parameter["schema"] = _named(parameter["schema"], name, components)


def _named(schema: Json, name: str, components: Json) -> Json:
    """Return a reference in the place of an enum, having made it a component of that name."""
    if "items" in schema:
        return {**schema, "items": _named(schema["items"], name, components)}
    if "enum" not in schema:
        return schema
    components[name] = {key: value for key, value in schema.items() if key not in AROUND}
    around: Json = {key: schema[key] for key in AROUND if key in schema}
    return {"allOf": [reference(name)], **around} if around else reference(name)


def _rename_generics(made: Json) -> None:
    """Call `Listing[BookingRead]` BookingReadListing: some languages have no brackets in names."""
    components = made["components"]["schemas"]
    names = {
        name: "".join(reversed(re.split(r"_|\W", name.strip("_"))))
        for name in components
        if not name.isalnum()
    }
    for old, new in names.items():
        components[new] = components.pop(old)
    _refer_to(names, made)
    made["components"]["schemas"] = dict(sorted(components.items()))


def _refer_to(names: dict[str, str], node: Any) -> None:
    if isinstance(node, dict):
        if isinstance(node.get("$ref"), str):
            prefix, _, name = node["$ref"].rpartition("/")
            node["$ref"] = f"{prefix}/{names.get(name, name)}"
        for part in node.values():
            _refer_to(names, part)
    elif isinstance(node, list):
        for part in node:
            _refer_to(names, part)
