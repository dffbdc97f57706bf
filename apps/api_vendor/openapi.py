"""OpenAPI 3.1 from the wire structs: msgspec gives their JSON Schema, drf-spectacular the operations.

A struct that an operation names becomes a reference, and `add_components`, a hook of drf-spectacular, puts the
schemas of all that were named into the document.
"""

from typing import Any

import msgspec
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse
from msgspec import Struct

REF = "#/components/schemas/{name}"

_named: list[Any] = []


class Problem(Struct):
    """Every error body; `errors` comes with a 422 and maps dotted paths to messages."""

    detail: str
    errors: dict[str, list[str]] | msgspec.UnsetType = msgspec.UNSET


PROBLEMS = {
    401: "No key, or one that is not valid",
    403: "The key lacks the scope, or the record may be seen but not acted on",
    404: "Not found, or not this vendor's",
    405: "Not a method of this path",
    409: "The state of things does not allow it",
    413: "Over 1 MiB",
    415: "Not application/json",
    422: "Not valid; `errors` says where",
    429: "Over the limit; see Retry-After",
    503: "Not available for the moment; see Retry-After",
}


def reference(kind: Any) -> dict[str, Any]:
    """`{"$ref": …}` of a struct, which is put among the components."""
    _named.append(kind)
    return msgspec.json.schema_components([kind], ref_template=REF)[0][0]


def responses(status: int, answers: Any) -> dict[Any, Any]:
    """The answer of an operation and the errors that any may give."""
    return {(status, "application/json"): OpenApiResponse(reference(answers), "Done."), **problems()}


def problems() -> dict[Any, Any]:
    problem = reference(Problem)
    return {(code, "application/json"): OpenApiResponse(problem, text) for code, text in PROBLEMS.items()}


def parameters(query: type[Struct] | None) -> list[OpenApiParameter]:
    """A query struct as parameters."""
    return [_parameter(field) for field in msgspec.structs.fields(query)] if query else []


def _parameter(field: msgspec.structs.FieldInfo) -> OpenApiParameter:
    (schema,), components = msgspec.json.schema_components([field.type], ref_template=REF)
    schema = components.get(str(schema.get("$ref", "")).rsplit("/", 1)[-1], schema)
    given = [each for each in schema.get("anyOf", [schema]) if each != {"type": "null"}]
    schema = dict(given[0]) if len(given) == 1 else {"anyOf": given}
    if "enum" in schema:
        schema["enum"] = [each for each in schema["enum"] if each is not None]
    if field.default not in (msgspec.NODEFAULT, None):
        schema["default"] = field.default
    return OpenApiParameter(field.encode_name, schema, "query", required=field.required)


def add_components(result: dict[str, Any], generator: Any, request: Any, public: bool) -> dict[str, Any]:
    """A postprocessing hook: add the schemas of every struct that was named, and say that a body must be there."""
    for path in result["paths"].values():
        for operation in path.values():
            if "requestBody" in operation:
                operation["requestBody"]["required"] = True
    _, components = msgspec.json.schema_components(_named, ref_template=REF)
    result.setdefault("components", {}).setdefault("schemas", {}).update(dict(sorted(components.items())))
    return result


class VendorSchema(AutoSchema):
    """An operation of this contract: its handler's docstring as the summary, its scope in the description."""

    def get_tags(self) -> list[str]:
        return [self.path.split("/")[3].replace("-", " ").capitalize()]

    def get_operation_id(self) -> str:
        return f"{self.method.lower()}_{type(self.view).__name__}"

    def get_description(self, *_: object) -> str:
        scope = getattr(self.view, "scopes", {}).get(self.method)
        needed = f"Scope: `{scope}`." if scope else "Public."
        return "\n\n".join(filter(None, (needed, vars(type(self.view)).get("__doc__"))))

    def get_summary(self) -> str:
        return getattr(self.view, self.method.lower()).__doc__ or ""


class VendorKeyScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    target_class = "apps.api_vendor.auth.VendorKeyAuthentication"
    name = "VendorKey"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, str]:
        return {"type": "apiKey", "in": "header", "name": "X-API-Key"}
