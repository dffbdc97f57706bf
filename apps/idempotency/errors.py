from apps.core.errors import Conflict


class KeyReused(Conflict):
    """The same Idempotency-Key came with another body, or to another endpoint."""

    code = "idempotency_key_reused"
