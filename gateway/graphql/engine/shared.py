"""Answers of operations, and executions whose answer is shared by all guests who ask the same."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson

from gateway.answers.cache import AnswerCache, Shown
from gateway.answers.dependencies import Cached
from gateway.answers.stored import AnswerKey, StoredAnswer
from gateway.graphql.core.context import Context
from gateway.request_log import Operation


@dataclass(frozen=True, slots=True)
class Answer:
    """The body of the response as data, and its HTTP status.

    `is_graphql` marks a request error of the GraphQL specification (syntax, validation, variables): clients that
    accept only `application/json` get it with status 200, as GraphQL over HTTP requires.
    A `stored` answer may be sent to other guests too; its body is the bytes in it.
    The result of a subscription has the time of its event.
    """

    body: dict[str, Any]
    status: int = 200
    is_graphql: bool = False
    stored: StoredAnswer | None = None
    occurred_at: datetime | None = None


class NotStorable(Exception):
    """An answer has errors, or shows that something does not exist, and is not stored."""


@dataclass(frozen=True, slots=True)
class SharedExecution:
    """An execution whose answer is stored, and given to all guests who ask the same."""

    answers: AnswerCache
    key: AnswerKey
    operation: Operation
    cached: Cached
    execute: Callable[[Context, set[str] | None], Awaitable[Answer]]

    async def answer(self, context: Context) -> Answer:
        """The stored answer; one that may not be stored is that of this request alone."""
        own: list[Answer] = []

        async def load() -> Shown:
            return await self._load(context.for_every_guest(), own)

        try:
            stored = await self.answers.get(self.key, context.actor, self.operation, load)
        except NotStorable:
            return own[-1] if own else await self.execute(context, None)
        return Answer({}, stored=stored)

    async def _load(self, context: Context, own: list[Answer]) -> Shown:
        tags: set[str] = set()
        for dependency in self.cached.depends_on:
            tags |= dependency.tags(())
        try:
            own.append(await self.execute(context, tags))
        finally:
            context.loaders.close()
        body = own[-1].body
        if "errors" in body or None in body["data"].values():
            raise NotStorable
        return Shown(orjson.dumps(body, default=str), tags, self.cached.seconds)
