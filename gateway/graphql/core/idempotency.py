"""Idempotency keys of mutations: the request that a key identifies, and payloads as outcomes that can be stored."""

from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from datetime import timedelta
from functools import cache
from hashlib import sha256
from typing import Any, Final, Protocol, Self

import strawberry

from domains.kernel.errors import DomainError
from domains.kernel.idempotency import keys
from domains.kernel.idempotency.keys import Request
from domains.kernel.idempotency.outcomes import Outcome
from domains.kernel.quotas import Quota
from domains.kernel.text.validation import require_text
from domains.kernel.values.secret import Secret
from gateway.graphql.core.context import Context, Info
from gateway.graphql.core.error_records import error_of, record_of
from gateway.graphql.core.errors import UserError, user_errors

KEY: Final = "idempotency_key"
KEY_LENGTH: Final = 200
GUEST_KEYS: Final = Quota("requests with an idempotency key", 500, timedelta(hours=1))
TOKENS: Final = ("cart_token", "order_token")


class Repeatable(Protocol):
    """A payload of an idempotent mutation, which can be repeated."""

    errors: list[UserError]

    def outcome(self) -> Mapping[str, Any]:
        """Its ids and plain values to store: no object that can be loaded again, and no secret."""
        ...

    @classmethod
    async def from_outcome(cls, info: Info, input: Any, outcome: Outcome) -> Self:
        """The payload again, from the values that `outcome` returned and the same input, without its errors."""
        ...


class PayloadAdapter:
    """Converts the payloads of one mutation to outcomes and back."""

    def __init__(self, info: Info, input: object) -> None:
        self._info = info
        self._input = input

    def from_error(self, error: DomainError) -> Any:
        """The payload of a mutation that was refused."""
        return refused_payload(self._info, error)

    def to_outcome(self, payload: Repeatable) -> Outcome:
        """The values of a payload and its errors."""
        return Outcome(payload.outcome(), [record_of(error) for error in payload.errors])

    async def from_outcome(self, outcome: Outcome) -> Any:
        """The payload of the first response, with the objects as they are now."""
        payload = await _payload_type(self._info).from_outcome(self._info, self._input, outcome)
        payload.errors = [error_of(record) for record in outcome.errors]
        return payload


def require_repeatable(resolver: Callable[..., Any]) -> None:
    """Raise TypeError for a resolver whose payload cannot be repeated."""
    payload = resolver.__annotations__.get("return")
    if not (hasattr(payload, "outcome") and hasattr(payload, "from_outcome")):
        raise TypeError(f"The payload of the idempotent {resolver.__name__} needs outcome() and from_outcome().")


def request_of(context: Context, operation: str, arguments: Mapping[str, Any]) -> Request | None:
    """The request by its input's key; None without one. Raises Required, TooLong or InvalidInput for a bad key."""
    values = arguments["input"]
    key = getattr(values, KEY)
    if key is None or key is strawberry.UNSET:
        return None
    return Request(
        actor_key=_actor_key(context, values),
        operation=operation,
        key=require_text(key, field=keys.PATH, max_length=KEY_LENGTH),
        digest=digest_of(values),
    )


async def admit_key(context: Context) -> None:
    """Count a key of a guest, whose row is stored for a day. Raises RateLimited beyond 500 in an hour."""
    if not context.actor.is_authenticated:
        await GUEST_KEYS.consume(context.cache, context.actor.company_id, context.request.ip)


def digest_of(input: object) -> str:
    """The digest of an input without its key. A card number is represented by its last four digits."""
    return keys.digest_of(_content(input))


def refused_payload(info: Info, error: DomainError) -> Any:
    """The payload of a mutation that was refused."""
    return _payload_type(info)(errors=user_errors(info, error))


def _payload_type(info: Any) -> Any:
    """The payload of a mutation, whose field is nullable (a refused mutation must not fail the others)."""
    return info.return_type.of_type


def _actor_key(context: Context, input: object) -> str:
    """The owner of a key: the user; or the guest by the token of their cart or order, or else by their address."""
    if context.actor.user_id is not None:
        return keys.key_of_user(context.actor.user_id)
    tokens = [getattr(input, name, None) for name in TOKENS] + [context.request.cart_token]
    token = next((token for token in tokens if isinstance(token, str)), None)
    if token is not None:
        return f"guest:{sha256(token.encode()).hexdigest()}"
    return f"ip:{context.request.ip}"


def _content(value: Any) -> Any:
    """The content of an input, without unset fields, with secrets replaced by their hints."""
    kind: Any = type(value)
    if kind is list:
        return [_content(item) for item in value]
    if kind is Secret:
        return value.hint
    names = _names(kind)
    if names is None:
        return value
    values = ((name, getattr(value, name)) for name in names)
    return {name: _content(item) for name, item in values if item is not strawberry.UNSET}


@cache
def _names(kind: type) -> tuple[str, ...] | None:
    """The fields of an input except its key; None for any other class."""
    if not is_dataclass(kind):
        return None
    return tuple(field.name for field in fields(kind) if field.name != KEY)
