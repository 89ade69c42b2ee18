"""Sites of the whole platform with a cache of answers, as servers have one."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from graphql import GraphQLInterfaceType, GraphQLObjectType, get_named_type, is_leaf_type, is_required_argument

from domains.kernel.clock import FixedClock
from domains.kernel.database import Database
from gateway.answers.cache import AnswerCache
from gateway.answers.changed_tags import topics_of
from gateway.answers.outbox import ChangeReader
from gateway.graphql.engine.plan import BACKREF
from gateway.services import domains_of
from tests.gateway.site import SCHEMA, Site

TOPICS = topics_of(event for domain in domains_of().values() for event in domain.events)
CACHED = {
    name
    for name, field in SCHEMA.graphql.query_type.fields.items()  # type: ignore[union-attr] # there is one
    if field.extensions[BACKREF].metadata.get("cached")
}


class Server:
    """One server process: its site, its cache of answers, and its reader of the outbox."""

    def __init__(self, pool: Any, relay_pool: Any, company: UUID, clock: FixedClock, **settings: Any) -> None:
        self.answers = AnswerCache(clock, memory=8 * 1024 * 1024, monotonic=lambda: 0.0)
        self.database = Database(pool, clock, on_events=self.answers.on_commit)
        self.site = Site(self.database, company, clock, answers=self.answers, **settings)
        self.changes = ChangeReader(relay_pool, self.answers, TOPICS, self.site.services.company.forget_remembered)

    async def ask(self, query: str, **variables: Any) -> tuple[str, bytes]:
        """What a guest gets: whether the answer came from the cache, and its body."""
        response = await self.site.post(query, **variables)
        assert response.status_code == 200, response.text
        return response.headers.get("cache-status", "").rpartition(" ")[2], response.content


def everything(kind: Any, depth: int) -> str:
    """A selection of all public fields of a type that need no argument, lists of three, so many levels deep."""
    named = get_named_type(kind)
    if is_leaf_type(named):
        return ""
    assert isinstance(named, GraphQLObjectType | GraphQLInterfaceType)
    parts = ["__typename"]
    for name, field in named.fields.items():
        declared = field.extensions.get(BACKREF)
        is_guarded = declared is not None and declared.metadata.get("guard") is not None
        inner = get_named_type(field.type)
        if is_guarded or any(map(is_required_argument, field.args.values())):
            continue
        if is_leaf_type(inner):
            parts.append(name)
        elif depth > 1:
            page = "(first: 3)" if "first" in field.args else ""
            parts.append(f"{name}{page} {everything(field.type, depth - 1)}")
    return f"{{ {' '.join(parts)} }}"


def clock_now() -> FixedClock:
    """The present time, standing still."""
    return FixedClock(datetime.now(UTC))
