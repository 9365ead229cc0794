"""What a client that was made for one document would miss in a newer one."""

from typing import Any

Json = dict[str, Any]


def broken(old: Json, new: Json) -> list[str]:
    """Return what was taken from clients; empty where the newer document only adds."""
    found: list[str] = []
    for path, methods in old["paths"].items():
        for method, operation in methods.items():
            where, newer = f"{method.upper()} {path}", new["paths"].get(path, {}).get(method)
            if newer is None:
                found.append(f"{where} is gone")
            else:
                found += [f"{where}: {what}" for what in _operation(operation, newer, old, new)]
    return found


def _operation(old: Json, new: Json, old_document: Json, new_document: Json) -> list[str]:
    found = []
    if old["operationId"] != new["operationId"]:
        found.append(f"is now called {new['operationId']}")
    found += _parameters(old.get("parameters", []), new.get("parameters", []))
    pair = _Pair(old_document, new_document)
    for media, body in old.get("requestBody", {}).get("content", {}).items():
        newer = new.get("requestBody", {}).get("content", {}).get(media)
        found += [f"no longer takes {media}"] if newer is None else []
        found += pair.asked(body["schema"], newer["schema"], "request") if newer else []
    for status, answer in old["responses"].items():
        if not status.startswith("2"):
            continue
        newer = new["responses"].get(status)
        found += [f"no longer answers {status}"] if newer is None else []
        for media, body in answer.get("content", {}).items() if newer else ():
            if media not in newer.get("content", {}):
                found.append(f"no longer answers with {media}")
            else:
                schema = newer["content"][media]["schema"]
                found += pair.answered(body["schema"], schema, "answer")
    return found


def _parameters(old: list[Json], new: list[Json]) -> list[str]:
    before = {(one["in"], one["name"]): one for one in old}
    after = {(one["in"], one["name"]): one for one in new}
    gone = [f"parameter {name} is gone" for where, name in before.keys() - after.keys()]
    return gone + [
        f"parameter {key[1]} is required now"
        for key, one in after.items()
        if one["required"] and not before.get(key, {}).get("required")
    ]


class _Pair:
    """Compares schemas of two documents, each pair of components once."""

    def __init__(self, old: Json, new: Json) -> None:
        self._old = old["components"]["schemas"]
        self._new = new["components"]["schemas"]
        self._seen: set[tuple[str, str]] = set()

    def answered(self, old: Json, new: Json, where: str) -> list[str]:
        """A client reads these: nothing it looks for may be missing."""
        pair = self._resolved(old, new, where)
        if pair is None:
            return []
        before, after = pair
        found = _retyped(before, after, where)
        if after.get("nullable") and not before.get("nullable"):
            found.append(f"{where} can be null now")
        found += _without(before.get("enum"), after.get("enum"), where)
        for name in set(before.get("required", ())) - set(after.get("required", ())):
            found.append(f"{where}.{name} can be missing now")
        return found + self._inside(before, after, where, self.answered)

    def asked(self, old: Json, new: Json, where: str) -> list[str]:
        """A client sends these: what it may send it may still, and that is enough."""
        pair = self._resolved(old, new, f"asked {where}")
        if pair is None:
            return []
        before, after = pair
        found = _retyped(before, after, where)
        if before.get("nullable") and not after.get("nullable"):
            found.append(f"{where} can't be null any more")
        found += _without(before.get("enum"), after.get("enum"), where)
        for name in set(after.get("required", ())) - set(before.get("required", ())):
            found.append(f"{where}.{name} is required now")
        for bound in ("maxLength", "maximum", "maxItems"):
            if after.get(bound, float("inf")) < before.get(bound, float("inf")):
                found.append(f"{where} has a smaller {bound}")
        for bound in ("minLength", "minimum", "minItems"):
            if after.get(bound, float("-inf")) > before.get(bound, float("-inf")):
                found.append(f"{where} has a greater {bound}")
        return found + self._inside(before, after, where, self.asked)

    def _inside(self, before: Json, after: Json, where: str, compare: Any) -> list[str]:
        found = []
        for name, field in before.get("properties", {}).items():
            newer = after.get("properties", {}).get(name)
            path = f"{where}.{name}"
            found += [f"{path} is gone"] if newer is None else compare(field, newer, path)
        if "items" in before and "items" in after:
            found += compare(before["items"], after["items"], f"{where}[]")
        return found

    def _resolved(self, old: Json, new: Json, where: str) -> tuple[Json, Json] | None:
        before, after = _flat(old, self._old), _flat(new, self._new)
        names = (f"{where.split()[0]}{before.get('$name')}", str(after.get("$name")))
        if "$name" in before:
            if names in self._seen:
                return None
            self._seen.add(names)
        return before, after


def _flat(schema: Json, components: Json) -> Json:
    """Return a schema with what it refers to put in its place."""
    if "allOf" in schema and len(schema["allOf"]) == 1:
        rest = {key: value for key, value in schema.items() if key != "allOf"}
        return {**_flat(schema["allOf"][0], components), **rest}
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return {**_flat(components[name], components), "$name": name}
    return schema


def _retyped(before: Json, after: Json, where: str) -> list[str]:
    changed = [key for key in ("type", "format") if before.get(key) != after.get(key)]
    return [f"{where} has another {key}" for key in changed]


def _without(before: list[Any] | None, after: list[Any] | None, where: str) -> list[str]:
    gone = set(before or ()) - set(after or ())
    return [f"{where} has no {value} any more" for value in sorted(map(str, gone))]
