"""A stored answer: the bytes of a response to guests, what it depends on, and its form in Redis."""

from collections.abc import Hashable
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any, Final
from uuid import UUID

import orjson

from domains.kernel.actor import Actor
from gateway.answers.dependencies import SHOP
from gateway.request_log import Operation

OVERHEAD: Final = 3_000  # octets of an entry beside its texts
TAG_SIZE: Final = 150  # octets of a tag and its entry in the index


@dataclass(frozen=True, slots=True)
class AnswerKey:
    """What an answer is an answer to: a company, a document, an operation of it, and the values of its variables."""

    company_id: UUID
    document: str
    operation: str | None
    variables: dict[str, Any] = field(hash=False)

    def digest(self) -> str:
        """The SHA-256 of the key, under which the answer is stored."""
        parts = [str(self.company_id), self.document, self.operation, self.variables]
        return sha256(orjson.dumps(parts, option=orjson.OPT_SORT_KEYS)).hexdigest()


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked: the digest of the key, a guest of its company, and the operation as the access log names it."""

    digest: str
    actor: Actor
    operation: Operation


@dataclass(frozen=True, slots=True, eq=False)
class StoredAnswer:
    """An answer without errors. `tags` name what it depends on, each with its company.

    It shows at least what transactions with an id below `horizon` wrote. From `expires_at` on, in seconds since 1970,
    it is not used. `responses` are the parts of responses with it that do not change, by their form.
    """

    request: Request
    body: bytes
    tags: AbstractSet[str]
    horizon: int
    expires_at: float
    etag: bytes
    responses: dict[Hashable, Any] = field(default_factory=dict, repr=False)

    @property
    def size(self) -> int:
        """The octets that it takes in memory."""
        return len(self.body) + TAG_SIZE * len(self.tags) + OVERHEAD

    def to_bytes(self) -> bytes:
        """The value in Redis: a line of JSON, and the body."""
        head = {
            "key": self.request.digest,
            "tags": sorted(self.tags),
            "horizon": self.horizon,
            "expires_at": self.expires_at,
        }
        return orjson.dumps(head) + b"\n" + self.body


def stored_answer(
    request: Request, body: bytes, *, tags: AbstractSet[str], horizon: int, expires_at: float
) -> StoredAnswer:
    """An answer with its entity tag (RFC 9110 §8.8.3), the digest of its body."""
    etag = b'W/"' + sha256(body).hexdigest()[:32].encode("ascii") + b'"'
    return StoredAnswer(request, body, tags, horizon, expires_at, etag)


def from_bytes(value: bytes, request: Request) -> StoredAnswer | None:
    """The answer in a value of Redis; None when the value is malformed, or that of another key or company."""
    head, separator, body = value.partition(b"\n")
    try:
        given = orjson.loads(head)
        key, tags = given["key"], frozenset(str(each) for each in given["tags"])
        horizon, expires_at = int(given["horizon"]), float(given["expires_at"])
    except (orjson.JSONDecodeError, LookupError, TypeError, ValueError):
        return None
    is_own = f"{request.actor.company_id}/{SHOP}" in tags
    if not separator or key != request.digest or not is_own:
        return None
    return stored_answer(request, body, tags=tags, horizon=horizon, expires_at=expires_at)
