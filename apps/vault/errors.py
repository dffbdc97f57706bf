"""What goes wrong with sealed values. No message ever holds content."""


class VaultError(Exception):
    """A protected value cannot be sealed or opened."""


class Altered(VaultError):
    """The sealed bytes are not what was sealed for this tenant, table, column and row."""


class KeyErased(VaultError):
    """The tenant's data was erased: its key is gone, and with it every value that it sealed."""
