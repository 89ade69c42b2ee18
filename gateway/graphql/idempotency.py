"""Mutations that are carried out once for each idempotency key: what its row keeps, and the answer out of it."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import fields, is_dataclass
from hashlib import sha256
from itertools import chain, repeat
from typing import Any, Final, Protocol, Self, TypeAlias
from uuid import UUID

import strawberry

from domains.kernel import idempotency
from domains.kernel.database import Tx
from domains.kernel.errors import Busy, DomainError, PermissionDenied, RateLimited, Unauthenticated
from domains.kernel.idempotency import Claim, Request, RequestInProgress
from domains.kernel.packing import pack, unpack
from domains.kernel.secret import Secret
from domains.kernel.text import require_text
from gateway.graphql.context import Context, Info
from gateway.graphql.problems import UserError, user_error

KEY: Final = "idempotency_key"
KEY_LENGTH: Final = 200
TOKENS: Final = ("cart_token", "order_token")
# Who asks again later may be answered otherwise.
NOT_KEPT: Final = (Busy, Unauthenticated, PermissionDenied, RateLimited)
PAUSES: Final = (0.01, 0.02, 0.03, 0.05, 0.08, 0.12, 0.2)  # seconds between looks at a request that others carry out
LOOKS: Final = 60

Write: TypeAlias = Callable[[Tx], Awaitable[Any]]


class Repeatable(Protocol):
    """What the payload of an idempotent mutation offers, so that the answer can be given again."""

    errors: list[UserError]

    def outcome(self) -> Mapping[str, Any]:
        """What to remember of it: ids and plain values, no object that can be read again and no secret."""
        ...

    @classmethod
    async def from_outcome(cls, info: Info, input: Any, outcome: Mapping[str, Any]) -> Self:
        """The payload again, out of what `outcome` remembered and the same input; its errors are added to it."""
        ...


def require_repeatable(resolver: Callable[..., Any]) -> None:
    """Raise TypeError for a resolver whose payload cannot be given again."""
    payload = resolver.__annotations__.get("return")
    if not (hasattr(payload, "outcome") and hasattr(payload, "from_outcome")):
        raise TypeError(f"The payload of the idempotent {resolver.__name__} needs outcome() and from_outcome().")


def request_of(context: Context, operation: str, arguments: Mapping[str, Any]) -> Request | None:
    """The request by its input's key; None without one. Raises Required, TooLong or InvalidInput for a bad key."""
    given = arguments["input"]
    key = getattr(given, KEY)
    if key is None or key is strawberry.UNSET:
        return None
    return Request(
        actor_key=_actor_key(context, given),
        operation=operation,
        key=require_text(key, path=idempotency.PATH, most=KEY_LENGTH),
        digest=digest_of(given),
    )


def digest_of(given: object) -> str:
    """The SHA-256 of all that an input says besides its key. Of a card number it holds the last four digits."""
    return sha256(json.dumps(_plain(given), sort_keys=True).encode()).hexdigest()


async def command_once(info: Info, given: object, request: Request, write: Write) -> Any:
    """Carry out a command in the transaction that claims its key and keeps what came of it, or answer again.

    A refusal is kept too, what the command wrote before it undone, unless its error `commits`.
    """
    context = info.context

    async def work(tx: Tx) -> Any:
        claim = await idempotency.claim(tx, request)
        if not claim.is_mine:
            return claim
        payload = await _payload_of(info, tx, write)
        await idempotency.keep(tx, claim.id, _kept(payload))
        return payload

    made = await context.db.run(work, context.actor)
    return await _repeated(info, given, made) if isinstance(made, Claim) else made


async def workflow_once(info: Info, given: object, request: Request, run: Callable[[UUID], Awaitable[Any]]) -> Any:
    """Carry out a workflow under its claimed key, and keep what came of it, or answer again.

    `run` is given the claim's id: the same when a workflow that was broken off is run again.
    """
    context = info.context
    claim = await _claimed(context, request)
    if not claim.is_mine:
        return await _repeated(info, given, claim)
    try:
        payload = await _refused_or(info, run(claim.id))
    except BaseException:
        with suppress(Exception):  # the lease ends by itself, and what went wrong is to be heard of
            await context.db.run(lambda tx: idempotency.release(tx, claim.id), context.actor)
        raise
    kept = _kept(payload)
    if await context.db.run(lambda tx: idempotency.keep(tx, claim.id, kept), context.actor):
        return payload
    return await _repeated(info, given, await _claimed(context, request))


async def _claimed(context: Context, request: Request) -> Claim:
    """The claim on a request that is ours to carry out, or has been; waits in no transaction for who is at it."""

    async def work(tx: Tx) -> Claim:
        return await idempotency.claim(tx, request)

    known: Claim | None = None
    for pause in chain(PAUSES, repeat(PAUSES[-1], LOOKS - len(PAUSES))):
        if known is None:
            known = await context.db.run(work, context.actor)
        if known.is_mine or known.outcome is not None:
            return known
        await asyncio.sleep(pause)
        known = await idempotency.look(context.reader, request)
    raise RequestInProgress


async def _payload_of(info: Info, tx: Tx, write: Write) -> Any:
    """The command's payload, in a part of the transaction that a refusal undoes."""
    committing: DomainError | None = None
    try:
        async with tx.savepoint():
            try:
                return await write(tx)
            except DomainError as error:
                if not error.commits:
                    raise
                committing = error
    except NOT_KEPT:
        raise
    except DomainError as error:
        return _refused(info, error)
    if isinstance(committing, NOT_KEPT):
        raise committing
    return _refused(info, committing)


async def _refused_or(info: Info, payload: Awaitable[Any]) -> Any:
    try:
        return await payload
    except NOT_KEPT:
        raise
    except DomainError as error:
        return _refused(info, error)


def _refused(info: Info, error: DomainError | None) -> Any:
    payload: Any = info.return_type
    return payload(errors=[user_error(error)] if error else [])


def _kept(payload: Any) -> Any:
    return {"payload": pack(dict(payload.outcome())), "errors": pack(payload.errors)}


async def _repeated(info: Info, given: object, claim: Claim) -> Any:
    """The payload that was answered first, of the things as they are now."""
    if claim.outcome is None:
        raise RequestInProgress
    kind: Any = info.return_type
    payload = await kind.from_outcome(info, given, unpack(claim.outcome["payload"]))
    payload.errors = unpack(claim.outcome["errors"])
    return payload


def _actor_key(context: Context, given: object) -> str:
    """Whose key it is: the user's, or the guest's by the token of their cart or order, or else by their address."""
    if context.actor.user_id is not None:
        return f"user:{context.actor.user_id}"
    tokens = [getattr(given, name, None) for name in TOKENS] + [context.request.cart_token]
    token = next((each for each in tokens if isinstance(each, str)), None)
    if token is not None:
        return f"guest:{sha256(token.encode()).hexdigest()}"
    return f"ip:{context.request.ip}"


def _plain(value: Any) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        held = {field.name: getattr(value, field.name) for field in fields(value) if field.name != KEY}
        return {name: _plain(each) for name, each in held.items() if each is not strawberry.UNSET}
    if isinstance(value, list):
        return [_plain(each) for each in value]
    if isinstance(value, Secret):
        return value.hint
    return pack(value)
