"""Mutations that are carried out once for each idempotency key: what its row keeps, and the answer out of it."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import fields, is_dataclass
from datetime import timedelta
from functools import cache
from hashlib import sha256
from itertools import chain, repeat
from typing import Any, Final, Protocol, Self, TypeAlias
from uuid import UUID

import strawberry

from domains.kernel import idempotency
from domains.kernel.database import Tx
from domains.kernel.errors import DomainError
from domains.kernel.idempotency import Claim, Request, RequestInProgress
from domains.kernel.ids import new_id
from domains.kernel.quotas import Quota
from domains.kernel.serialization import pack, unpack
from domains.kernel.text.validation import require_text
from domains.kernel.values.secret import Secret
from gateway.graphql.core.attempts import NOT_KEPT, Attempt, FirstClaims, RequestKnown
from gateway.graphql.core.context import Context, Info
from gateway.graphql.core.errors import UserError, user_errors

KEY: Final = "idempotency_key"
KEY_LENGTH: Final = 200
GUEST_KEYS: Final = Quota("requests with an idempotency key", 500, timedelta(hours=1))
TOKENS: Final = ("cart_token", "order_token")
PAUSES: Final = (0.01, 0.02, 0.03, 0.05, 0.08, 0.12, 0.2)  # seconds between looks at a request that others carry out
LOOKS: Final = 60

Write: TypeAlias = Callable[[Tx], Awaitable[Any]]
Run: TypeAlias = Callable[[Attempt], Awaitable[Any]]


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
        key=require_text(key, field=idempotency.PATH, most=KEY_LENGTH),
        digest=digest_of(given),
    )


async def admit_key(context: Context) -> None:
    """Count a guest's key, whose row stays for a day whatever comes of it. Raises RateLimited beyond 500 an hour."""
    if not context.actor.is_authenticated:
        await GUEST_KEYS.take(context.cache, context.actor.company_id, context.request.ip)


def digest_of(given: object) -> str:
    """The SHA-256 of all that an input says besides its key. Of a card number it holds the last four digits."""
    return sha256(json.dumps(_plain(given), sort_keys=True).encode()).hexdigest()


async def command_once(info: Info, given: object, request: Request, write: Write) -> Any:
    """Carry out a command in the transaction that claims its key and keeps what came of it, or answer again.

    A refusal undoes all that, unless its error `commits`, and is kept by a transaction of its own.
    """
    db, actor = info.context.db, info.context.actor
    try:
        made = await db.run(lambda tx: _once(tx, info, request, write), actor)
    except NOT_KEPT:
        raise
    except DomainError as error:
        refused = refused_payload(info, error)

        async def refuse(_: Tx) -> Any:
            return refused

        made = await db.run(lambda tx: _once(tx, info, request, refuse), actor)
    return await _repeated(info, given, made) if isinstance(made, Claim) else made


async def _once(tx: Tx, info: Info, request: Request, write: Write) -> Any:
    """The payload of a write under its claim, or the claim of who was faster."""
    claim = await idempotency.claim(tx, request)
    if not claim.is_mine:
        return claim
    try:
        payload = await write(tx)
    except DomainError as error:
        if isinstance(error, NOT_KEPT) or not error.commits:
            raise
        payload = refused_payload(info, error)
    idempotency.keep_at_end(tx, claim.id, _kept(payload))
    return payload


async def workflow_once(info: Info, given: object, request: Request, run: Run) -> Any:
    """Carry out a workflow whose first transaction claims its key, and keep what came of it, or answer again.

    One that was broken off is run again as the same attempt.
    """
    try:
        return await _carried_out(info, given, request, run, new_id())
    except RequestKnown as known:
        others = None if known.claim.is_mine else known.claim  # a lapsed one is claimed anew, and that is committed
        claim = await _claimed(info.context, request, others)
    if not claim.is_mine:
        return await _repeated(info, given, claim)
    return await _carried_out(info, given, request, run, claim.id, is_claimed=True)


async def _carried_out(
    info: Info, given: object, request: Request, run: Run, claim_id: UUID, *, is_claimed: bool = False
) -> Any:
    context = info.context
    db = FirstClaims(context.db, request, claim_id, has_claimed=is_claimed)
    kept: list[Any] = []

    def keep_at_end(tx: Tx, payload: Any) -> None:
        idempotency.keep_at_end(tx, claim_id, _kept(payload))
        kept.append(payload)

    async def keep(tx: Tx) -> bool:
        return await idempotency.keep(tx, claim_id, _kept(payload))

    try:
        payload = await _refused_or(info, run(Attempt(claim_id, db, keep_at_end)))
        if kept and not payload.errors:
            return payload
        finish = db.run_alone if db.has_claimed else db.run  # a refusal undoes the claim of the first transaction
        if await finish(keep, context.actor):
            return payload
    except RequestKnown:
        raise
    except BaseException:
        with suppress(Exception):  # the lease ends by itself, and what went wrong is to be heard of
            await context.db.run_alone(lambda tx: idempotency.release(tx, claim_id), context.actor)
        raise
    return await _repeated(info, given, await _claimed(context, request))


async def _claimed(context: Context, request: Request, known: Claim | None = None) -> Claim:
    """The claim on a request that is ours to carry out, or has been; waits in no transaction for who is at it."""

    async def work(tx: Tx) -> Claim:
        return await idempotency.claim(tx, request)

    for pause in chain(PAUSES, repeat(PAUSES[-1], LOOKS - len(PAUSES))):
        if known is None:
            known = await context.db.run(work, context.actor)
        if known.is_mine or known.outcome is not None:
            return known
        await asyncio.sleep(pause)
        known = await idempotency.look(context.reader, request)
    raise RequestInProgress


async def _refused_or(info: Info, payload: Awaitable[Any]) -> Any:
    try:
        return await payload
    except NOT_KEPT:
        raise
    except DomainError as error:
        return refused_payload(info, error)


def refused_payload(info: Info, error: DomainError) -> Any:
    """The payload of a mutation that was refused."""
    return _payload_type(info)(errors=user_errors(info, error))


def _payload_type(info: Any) -> Any:
    """The payload of a mutation, whose field may be null (a mutation that is refused takes no other with it)."""
    return info.return_type.of_type


def _kept(payload: Any) -> Any:
    return {"payload": pack(dict(payload.outcome())), "errors": pack(payload.errors)}


async def _repeated(info: Info, given: object, claim: Claim) -> Any:
    """The payload that was answered first, of the things as they are now."""
    if claim.outcome is None:
        raise RequestInProgress
    payload = await _payload_type(info).from_outcome(info, given, unpack(claim.outcome["payload"]))
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
    kind: Any = type(value)
    if kind is str or value is None:
        return value
    if kind is list:
        return [_plain(each) for each in value]
    if kind is Secret:
        return value.hint
    names = _names(kind)
    if names is None:
        return pack(value)
    held = ((name, getattr(value, name)) for name in names)
    return {name: _plain(each) for name, each in held if each is not strawberry.UNSET}


@cache
def _names(kind: type) -> tuple[str, ...] | None:
    """The fields of an input but its key; None for what is no input."""
    if not is_dataclass(kind):
        return None
    return tuple(field.name for field in fields(kind) if field.name != KEY)
