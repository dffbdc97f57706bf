"""A table of the tests' own with one field of each encrypted kind, outside the application's registry."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import ClassVar

from django.apps.registry import Apps
from django.db import connections, models

from apps.core.ids import uuid7
from apps.tenants import rls
from apps.vault.fields import (
    EncryptedCharField,
    EncryptedDateField,
    EncryptedEmailField,
    EncryptedJSONField,
    EncryptedTextField,
)

TABLE = "vault_tests_diary"


class Diary(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid7)
    tenant_id = models.UUIDField()
    text = EncryptedTextField(null=True)
    title = EncryptedCharField(max_length=12, default="")
    email = EncryptedEmailField(null=True)
    day = EncryptedDateField(null=True)
    mood = EncryptedJSONField(null=True)
    pages = models.IntegerField(default=1)

    objects: ClassVar[models.Manager["Diary"]] = models.Manager()

    class Meta:
        apps = Apps()
        app_label = "vault"
        db_table = TABLE

    def __str__(self) -> str:
        return f"diary {self.pk}"


@contextmanager
def diary_table() -> Iterator[None]:
    """The table, closed by row security like any other, until the block ends."""
    owner = connections["owner"]
    with owner.schema_editor() as editor:
        editor.create_model(Diary)
    with owner.cursor() as cursor:
        for operation in rls.isolate(TABLE):
            cursor.execute(str(operation.sql))
    try:
        yield
    finally:
        with owner.schema_editor() as editor:
            editor.delete_model(Diary)
