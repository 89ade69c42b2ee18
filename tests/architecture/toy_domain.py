"""The files of a toy domain, `bookmark`, as a developer who adds a domain writes them."""

from typing import Final

# What a new domain adds: its two folders and a migration.
ADDED: Final = {
    "migrations/29990101000000_bookmark/migration.sql": """\
create table bookmarks (
    id uuid primary key,
    company_id uuid not null references companies (id) on delete restrict,
    name text not null,
    constraint bookmarks_name_once unique (company_id, name)
);
alter table bookmarks enable row level security;
create policy of_the_company on bookmarks to commerce_gateway
    using (company_id = nullif(current_setting('app.company_id', true), '')::uuid);
grant select, insert on bookmarks to commerce_gateway;
""",
    "domains/bookmark/__init__.py": "",
    "domains/bookmark/domain.py": '''\
"""The declaration of the bookmark domain."""

from collections.abc import Sequence
from datetime import timedelta

from domains.bookmark import events
from domains.bookmark.service import BookmarkService
from domains.kernel.domain import Domain, Job, Dependencies, Subscription, events_in
from domains.kernel.events import EventQueue
from domains.kernel.invariants import Invariant

NAMED = Invariant("Every bookmark has a name", "select id from bookmarks where name = '' limit 20", "Name it.")


def build(_parts: Dependencies) -> BookmarkService:
    return BookmarkService()


def jobs(bookmark: BookmarkService) -> Sequence[Job]:
    return (Job("count bookmarks", timedelta(hours=1), bookmark.count_once),)


def subscriptions(bookmark: BookmarkService) -> Sequence[Subscription]:
    return (Subscription("bookmark.echo", (events.BookmarkAdded.topic,), bookmark.hear),)


DOMAIN = Domain(
    name="bookmark",
    build=build,
    queue=EventQueue.USER,
    invariants=(NAMED,),
    jobs=jobs,
    subscriptions=subscriptions,
    events=events_in(events),
)
''',
    "domains/bookmark/events.py": '''\
"""What happened to bookmarks."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from domains.kernel.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class BookmarkAdded(Event):
    topic: ClassVar[str] = "bookmark.added"
    bookmark_id: UUID

    @property
    def aggregate_id(self) -> UUID:
        return self.bookmark_id
''',
    "domains/bookmark/sql.py": '''\
"""SQL of bookmarks; the company is always the first parameter."""

ADD = "insert into bookmarks (company_id, id, name) values ($1, $2, $3)"
COUNT = "select count(*) from bookmarks where company_id = $1"
''',
    "domains/bookmark/service.py": '''\
"""Bookmarks of a company."""

from domains.bookmark import sql
from domains.bookmark.events import BookmarkAdded
from domains.kernel.database import Reader, Tx
from domains.kernel.events import Envelope
from domains.kernel.ids import new_id
from domains.kernel.text.validation import require_text


class BookmarkService:
    def __init__(self) -> None:
        self.heard: list[str] = []

    async def add(self, tx: Tx, name: str) -> None:
        bookmark_id = new_id()
        await tx.execute(sql.ADD, tx.company_id, bookmark_id, require_text(name, field=("name",)))
        tx.emit(BookmarkAdded(bookmark_id=bookmark_id))

    async def count(self, db: Reader) -> int:
        found: int = await db.fetch_value(sql.COUNT, db.company_id)
        return found

    async def count_once(self, tx: Tx) -> int:
        await self.count(tx)
        return 0

    async def hear(self, tx: Tx, envelope: Envelope) -> None:
        self.heard.append(envelope.topic)
''',
    "gateway/graphql/bookmark/__init__.py": "",
    "gateway/graphql/bookmark/schema.py": '''\
"""The root fields of the bookmark domain."""

import strawberry

from domains.kernel.database import Tx
from gateway.graphql.core.context import Info
from gateway.graphql.core.errors import UserError
from gateway.graphql.core.fields import PUBLIC, command, query


@strawberry.input(description="A bookmark.")
class BookmarkAddInput:
    name: str = strawberry.field(description="What it marks.")


@strawberry.type(description="The outcome of adding a bookmark.")
class BookmarkAddPayload:
    errors: list[UserError] = strawberry.field(default_factory=list, description="Why it was not added.")


@strawberry.type
class BookmarkQuery:
    @query(PUBLIC)
    async def bookmark_count(self, info: Info) -> int:
        """How many bookmarks the company has."""
        return await info.context.services.bookmark.count(info.context.reader)


@strawberry.type
class BookmarkMutation:
    @command(PUBLIC)
    async def bookmark_add(self, info: Info, tx: Tx, input: BookmarkAddInput) -> BookmarkAddPayload:
        """Add a bookmark."""
        await info.context.services.bookmark.add(tx, input.name)
        return BookmarkAddPayload()


QUERIES = (BookmarkQuery,)
MUTATIONS = (BookmarkMutation,)
''',
}
# What it changes elsewhere: lines inserted into the data model, the floors and the list of domains.
MODEL: Final = """\
// ---------------------------------------------------------------- bookmark

/// A bookmark.
/// @domain bookmark
model Bookmark {
  id        String @id @db.Uuid
  companyId String @map("company_id") @db.Uuid
  name      String

  @@unique([companyId, name])
  @@map("bookmarks")
}

"""
CHANGED: Final = {
    "schema.prisma": ("// ---------------------------------------------------------------- cart\n", MODEL),
    "pyproject.toml": ('    "order",\n', '    "bookmark",\n'),
    "gateway/services.py": ("    order: OrderService\n", "    bookmark: BookmarkService\n"),
}
IMPORT: Final = (
    "from domains.cart.service import CartService\n",
    "from domains.bookmark.service import BookmarkService\n",
)
# Run in the changed copy, with the URL of an empty database as its only argument.
SCRIPT: Final = """\
import asyncio
import sys

from domains.kernel.actor import Actor
from gateway.api import GraphQLRequest
from gateway.bootstrap import build_jobs, wired
from gateway.graphql.core.context import RequestMetadata
from gateway.infra.migrations import migrate
from gateway.services import rules_of
from gateway.settings import Settings

ADD = 'mutation { bookmarkAdd(input: {name: "%s"}) { errors { path } } }'


async def main(url: str) -> None:
    await migrate(url)
    async with wired(Settings(), url) as platform:
        api, metadata = platform.api(), RequestMetadata("id", "192.0.2.7", "")
        actor = await api.authenticate(None)

        async def ask(text: str) -> object:
            return (await api.resolve(GraphQLRequest(text), api.context(actor, metadata))).body["data"]

        for text in (ADD % "shelf", ADD % " ", "{ bookmarkCount }"):
            print(await ask(text))
        async with platform.background, asyncio.timeout(30):
            while not platform.services.bookmark.heard:
                await asyncio.sleep(0.05)
        print(platform.services.bookmark.heard)
        print([job.name for job in build_jobs(platform.database, platform.services) if "bookmark" in job.name])
        print([rule.rule for rule in rules_of() if "bookmark" in rule.rule])


asyncio.run(main(sys.argv[1]))
"""
