"""The published description."""

from django.test import Client


def test_the_description_is_openapi_3_1_and_refers_to_nothing_missing() -> None:
    response = Client().get("/api/v2/openapi.json")
    document = response.json()
    assert document["openapi"] == "3.1.0"
    text = response.content.decode()
    for name in {part.split('"')[0] for part in text.split("#/components/schemas/")[1:]}:
        assert name in document["components"]["schemas"]
    assert all(path.startswith("/api/v2/") for path in document["paths"])


def test_whoever_has_the_description_is_not_sent_it_again() -> None:
    first = Client().get("/api/v2/openapi.json")

    again = Client().get("/api/v2/openapi.json", headers={"If-None-Match": first["ETag"]})

    assert (again.status_code, again.content) == (304, b"")
    assert first["Content-Type"] == "application/vnd.oai.openapi+json"
    assert Client().post("/api/v2/openapi.json").status_code == 405


def test_the_reference_page_asks_nobody_else_for_anything() -> None:
    page = Client().get("/api/v2/docs/").content.decode()
    assert "//cdn" not in page
    assert "https://" not in page


def test_operations_say_what_concerns_a_caller_alone() -> None:
    paths = Client().get("/api/v2/openapi.json").json()["paths"]
    operations = [(method, operation) for path in paths.values() for method, operation in path.items()]
    assert not any("One path of the contract" in operation.get("description", "") for _, operation in operations)
    assert all(operation["requestBody"]["required"] for _, operation in operations if "requestBody" in operation)
    retried = {method for method, operation in operations if "Idempotency-Key" in str(operation.get("parameters"))}
    assert retried == {"post"}


def test_every_operation_says_what_it_does_which_scope_it_needs_and_how_it_may_fail() -> None:
    paths = Client().get("/api/v2/openapi.json").json()["paths"]
    operations = [operation for methods in paths.values() for operation in methods.values()]
    assert len(operations) == 27
    assert len({operation["summary"] for operation in operations}) == 27
    for operation in operations:
        assert operation["description"].startswith(("Scope: `", "Public."))
        assert {"401", "403", "422", "429", "503"} <= operation["responses"].keys()
