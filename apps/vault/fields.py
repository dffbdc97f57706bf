"""Model fields whose column holds sealed bytes and whose attribute holds the plain value.

They extend those of `django-encrypted-model-fields` and keep its setting and types; storage and reading are ours:
the package encrypts with one key for all, decrypts what a user typed, and takes ciphertext that does not open for
plain text.

The attribute of a loaded row is opened when it is first read, with the row's `tenant_id` and primary key, both UUIDs
known before the row is saved. Bytes in `instance.__dict__` are sealed (no plain value is bytes), and a value that was
not changed is saved as the bytes it came as. `values()` and raw SQL give the sealed bytes: `open_value` opens them;
`seal_value` makes them for COPY, raw SQL and `update()`. Encrypted columns cannot be searched; see `blind`.
"""

import uuid
from collections.abc import Iterable
from datetime import date
from typing import TYPE_CHECKING, Any, TypeVar, cast

import msgspec
from django.core.exceptions import FieldError, ValidationError
from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models.query_utils import DeferredAttribute

from apps.vault.cipher import is_sealed, seal, unseal

# What is assigned and what is read, for the type checker.
_Set_contra = TypeVar("_Set_contra", contravariant=True)
_Get_co = TypeVar("_Get_co", covariant=True)

if TYPE_CHECKING:

    class EncryptedMixin(models.Field[_Set_contra, _Get_co]):
        column: str

    TypedMixin = EncryptedMixin

    PackageCharField = models.CharField
    PackageTextField = models.TextField
    PackageDateField = models.DateField
    PackageEmailField = models.EmailField
    PackageJSONField = models.JSONField
else:
    from encrypted_model_fields import fields as package
    from encrypted_model_fields.fields import EncryptedMixin

    def _typed(base: type) -> type:
        """The same class, which takes type arguments as its stub does."""
        return type(base.__name__, (base,), {"__class_getitem__": classmethod(lambda cls, _: cls)})

    TypedMixin = _typed(EncryptedMixin)
    PackageCharField = _typed(package.EncryptedCharField)
    PackageTextField = _typed(package.EncryptedTextField)
    PackageDateField = _typed(package.EncryptedDateField)
    PackageEmailField = _typed(package.EncryptedEmailField)
    PackageJSONField = type("PackageJSONField", (TypedMixin, models.Field), {})


# Beside the value in `__dict__`: the sealed bytes it came as, and what they opened to.
_CAME_AS = "_sealed_{}"


class SealedAttribute(DeferredAttribute):
    """Opens on first reading; Django's own mechanism for what was deferred."""

    field: "SealedField[Any, Any]"

    def __init__(self, field: "SealedField[Any, Any]") -> None:
        super().__init__(field)
        self.name = field.attname
        self.came_as = _CAME_AS.format(field.attname)

    def __get__(self, instance: models.Model | None, cls: type[models.Model] | None = None) -> Any:
        if instance is None:
            return self
        values = instance.__dict__
        value = values[self.name] if self.name in values else super().__get__(instance, cls)
        if type(value) is not bytes:
            return value
        field = self.field
        table = instance._meta.db_table
        plain = unseal(cast(Any, instance).tenant_id, table, field.column, instance.pk, value)
        values[self.came_as] = (value, plain)
        values[self.name] = opened = field.from_plain(plain)
        return opened

    def __set__(self, instance: models.Model, value: Any) -> None:
        instance.__dict__[self.name] = bytes(value) if isinstance(value, memoryview) else value

    def fetch_one(self, instance: models.Model) -> None:
        self.fetch_many([instance])

    def fetch_many(self, instances: Iterable[models.Model]) -> None:
        by_key = {instance.pk: instance for instance in instances}
        some = next(iter(by_key.values()))
        rows = type(some)._base_manager.db_manager(some._state.db).filter(pk__in=by_key)
        for key, sealed in rows.values_list("pk", self.name):
            by_key[key].__dict__[self.name] = sealed


class SealedField(TypedMixin[_Set_contra, _Get_co]):
    """What all encrypted fields share. A subclass says how a value becomes bytes and comes back."""

    descriptor_class = SealedAttribute

    def to_plain(self, value: Any) -> bytes:
        """The bytes to seal. Raises `ValidationError` if the value is not of the field's type."""
        if not isinstance(value, str):
            raise ValidationError(f"{self.name} takes text.")
        if self.max_length is not None and len(value) > self.max_length:
            raise ValidationError(f"{self.name} takes at most {self.max_length} characters.")
        try:
            return value.encode()
        except UnicodeEncodeError:
            raise ValidationError(f"{self.name} holds half of a character pair, which is not text.") from None

    def from_plain(self, plain: bytes) -> Any:
        return plain.decode()

    def to_python(self, value: Any) -> Any:
        # Past the package's mixin, which would decrypt what a user typed.
        return value if value is None else super(EncryptedMixin, self).to_python(value)

    def get_db_converters(self, connection: BaseDatabaseWrapper) -> list[Any]:
        return []

    def get_internal_type(self) -> str:
        return "BinaryField"

    def deconstruct(self) -> Any:
        # Past the package's mixin, which drops max_length and so would let two migrations differ for nothing.
        return super(EncryptedMixin, self).deconstruct()

    def get_lookup(self, lookup_name: str) -> Any:
        if lookup_name not in ("isnull", "exact"):
            raise FieldError(f"{self.name} is encrypted and cannot be compared; search through a blind index.")
        return super().get_lookup(lookup_name)

    def get_prep_value(self, value: Any) -> Any:
        """For comparisons, which only null and sealed bytes can have."""
        if value is None or (isinstance(value, bytes) and is_sealed(value)):
            return value
        raise FieldError(f"{self.name} is encrypted and cannot be compared; search through a blind index.")

    def get_db_prep_value(self, value: Any, connection: BaseDatabaseWrapper, prepared: bool = False) -> Any:
        return value if prepared else self.get_prep_value(value)

    def get_db_prep_save(self, value: Any, connection: BaseDatabaseWrapper) -> Any:
        if value is None or (isinstance(value, bytes) and is_sealed(value)):
            return value
        raise FieldError(
            f"{self.name} is encrypted, and a statement for many rows does not know which row it seals for: save "
            "the instance, or give bytes from seal_value()."
        )

    def pre_save(self, model_instance: models.Model, add: bool) -> bytes | None:
        values = model_instance.__dict__
        value = values[self.attname] if self.attname in values else getattr(model_instance, self.attname)
        if value is None:
            return None
        instance = cast(Any, model_instance)
        place = (instance.tenant_id, instance._meta.db_table, self.column, instance.pk)
        if type(value) is bytes:
            if add:
                unseal(*place, value)
            return value
        plain = self.to_plain(value)
        sealed, before = values.get(_CAME_AS.format(self.attname), (b"", None))
        if plain == before and not add:
            return cast(bytes, sealed)
        sealed = seal(*place, plain)
        values[_CAME_AS.format(self.attname)] = (sealed, plain)
        return sealed

    def value_from_object(self, obj: models.Model) -> Any:
        return getattr(obj, self.attname)


class EncryptedTextField(SealedField[_Set_contra, _Get_co], PackageTextField[_Set_contra, _Get_co]):
    """Text of any length."""


class EncryptedCharField(SealedField[_Set_contra, _Get_co], PackageCharField[_Set_contra, _Get_co]):
    """Text of at most `max_length` characters; longer is refused on validation and on saving."""


class EncryptedEmailField(SealedField[_Set_contra, _Get_co], PackageEmailField[_Set_contra, _Get_co]):
    """An email address."""


class EncryptedDateField(SealedField[_Set_contra, _Get_co], PackageDateField[_Set_contra, _Get_co]):
    """A date without a time; sealed as ISO 8601."""

    def to_plain(self, value: Any) -> bytes:
        given = self.to_python(value)
        if not isinstance(given, date):
            raise ValidationError(f"{self.name} takes a date.")
        return given.isoformat().encode()

    def from_plain(self, plain: bytes) -> date:
        return date.fromisoformat(plain.decode())


class EncryptedJSONField(SealedField[_Set_contra, _Get_co], PackageJSONField[_Set_contra, _Get_co]):
    """Anything that JSON can say: objects, lists, text, numbers, true, false; null is the database's null."""

    def to_plain(self, value: Any) -> bytes:
        try:
            return msgspec.json.encode(value)
        except (TypeError, ValueError, RecursionError):
            raise ValidationError(f"{self.name} takes what JSON can say.") from None

    def from_plain(self, plain: bytes) -> Any:
        return msgspec.json.decode(plain)

    def to_python(self, value: Any) -> Any:
        return value


def seal_value(field: Any, tenant_id: uuid.UUID, row_id: uuid.UUID, value: Any) -> bytes | None:
    """What the column of `field` (`Model._meta.get_field(name)`) holds for this value in this row; None for None."""
    sealed = _sealed_field(field)
    if value is None:
        return None
    return seal(tenant_id, sealed.model._meta.db_table, sealed.column, row_id, sealed.to_plain(value))


def open_value(field: Any, tenant_id: uuid.UUID, row_id: uuid.UUID, sealed: bytes | None) -> Any:
    """The plain value of what the column of `field` holds in this row; None for None."""
    own = _sealed_field(field)
    if sealed is None:
        return None
    return own.from_plain(unseal(tenant_id, own.model._meta.db_table, own.column, row_id, sealed))


def encrypted_fields(model: type[models.Model]) -> list[SealedField[Any, Any]]:
    """The encrypted fields of a model, in the order in which they were declared."""
    return [field for field in model._meta.local_concrete_fields if isinstance(field, SealedField)]


def _sealed_field(field: Any) -> SealedField[Any, Any]:
    if not isinstance(field, SealedField):
        raise FieldError(f"{field} is not an encrypted field.")
    return field
