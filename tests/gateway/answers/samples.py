"""Answers for tests of their cache."""

from collections.abc import Iterable
from uuid import UUID

from domains.kernel.actor import Actor
from gateway.answers.changed_tags import answer_tags
from gateway.answers.stored import AnswerKey, Request, StoredAnswer, stored_answer
from gateway.request_log import Operation

SHOP = UUID(int=7)
TEA, CUPS = UUID(int=1), UUID(int=2)
OPERATION = Operation("Tea", "query", ("product",))
QUERY = "query Tea { product(slug: $slug) { id } }"


def key(slug: str = "tea", company: UUID = SHOP) -> AnswerKey:
    return AnswerKey(company, QUERY, "Tea", {"slug": slug})


def request(slug: str = "tea", company: UUID = SHOP) -> Request:
    return Request(key(slug, company).digest(), Actor.anonymous(company), OPERATION)


def answer(
    slug: str = "tea",
    *,
    tags: Iterable[str] = (f"product:{TEA}",),
    body: bytes = b"{}",
    expires_at: float = 1e12,
    horizon: int = 100,
) -> StoredAnswer:
    return stored_answer(request(slug), body, tags=answer_tags(SHOP, tags), horizon=horizon, expires_at=expires_at)
