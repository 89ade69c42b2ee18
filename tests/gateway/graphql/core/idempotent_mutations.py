"""Mutations that create a category, called a shelf, with every kind of success and failure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Annotated, Any, Self
from uuid import UUID

import strawberry

from domains.kernel.database import Tx
from domains.kernel.errors import Busy, DomainError, InvalidInput, PermissionDenied, RateLimited
from domains.kernel.idempotency.attempts import Attempt
from domains.kernel.idempotency.outcomes import Outcome
from domains.kernel.ids import new_id
from domains.kernel.values.money import Money as KernelMoney
from gateway.graphql.core.context import Info
from gateway.graphql.core.errors import UserError, shows
from gateway.graphql.core.fields import PUBLIC, command, present, workflow
from gateway.graphql.core.scalars import Money

INSERT = "insert into categories (id, company_id, name, slug, updated_at) values ($1, $2, $3, $4, now())"
NAMES = "select name from categories where company_id = $1 order by name"


class TooDear(DomainError):
    """It costs too much."""

    def __init__(self) -> None:
        super().__init__("It costs too much.", field="name")
        self.cost = KernelMoney(Decimal("19.90"), "EUR")
        self.shelves = [new_id()]


class Noted(InvalidInput):
    commits = True


@shows(TooDear)
@strawberry.type(description="It costs too much.")
class TooDearError(UserError):
    cost: Money = strawberry.field(description="The price of one, before tax.")
    shelves: list[UUID] = strawberry.field(description="The ids of those that were looked at.")


@strawberry.input(description="A shelf.")
class ShelfInput:
    name: str = strawberry.field(description="What is written on it, and how it goes.")
    idempotency_key: str | None = strawberry.field(default=None, description="The key.")
    cart_token: str | None = strawberry.field(default=None, description="A guest's.")


@strawberry.type(description="A shelf that was put up.")
class ShelfPayload:
    id: UUID | None = strawberry.field(default=None, description="Its id.")
    tries: int = strawberry.field(default=0, description="At which try.")
    errors: list[UserError] = strawberry.field(default_factory=list, description="Why not.")

    def outcome(self) -> Mapping[str, Any]:
        return {"id": self.id, "tries": self.tries}

    @classmethod
    async def from_outcome(cls, info: Info, input: Any, outcome: Outcome) -> Self:
        return cls(id=outcome.id("id"), tries=outcome.values["tries"])


@dataclass
class Executions:
    """The executions of the mutations, and the faults to raise in them."""

    attempts: list[UUID] = field(default_factory=list)
    faults: list[BaseException] = field(default_factory=list)
    runs: int = 0


EXECUTIONS = Executions()
Given = Annotated[ShelfInput, strawberry.argument(description="What.")]
ERRORS: dict[str, DomainError] = {
    "dear": TooDear(),
    "noted": Noted("That is noted."),
    "denied": PermissionDenied("Not you."),
    "busy": Busy("Too many at once."),
    "later": RateLimited("Not so fast.", retry_after=7),
}


async def create_shelf(tx: Tx, name: str) -> UUID:
    shelf = new_id()
    await tx.execute(INSERT, shelf, tx.company_id, name, shelf.hex)
    return shelf


@strawberry.type
class KeyedMutation:
    @command(PUBLIC, idempotent=True)
    async def shelf_add(self, info: Info, tx: Tx, input: Given) -> ShelfPayload:
        """Put up a shelf in one transaction."""
        EXECUTIONS.runs += 1
        shelf = await create_shelf(tx, input.name)
        if EXECUTIONS.faults:
            raise EXECUTIONS.faults.pop()
        if input.name in ERRORS:
            raise ERRORS[input.name]
        if input.name == "partly":
            return ShelfPayload(id=shelf, errors=[present(TooDearError, _shown())])
        return ShelfPayload(id=shelf, tries=EXECUTIONS.runs)

    @workflow(PUBLIC, idempotent=True)
    async def shelf_order(self, info: Info, attempt: Attempt, input: Given) -> ShelfPayload:
        """Put up a shelf in two transactions, the second on what the first one wrote."""
        context = info.context

        async def first(tx: Tx) -> None:
            EXECUTIONS.runs += 1
            EXECUTIONS.attempts.append(attempt.id)
            if not await tx.fetch_value(
                "select 1 from categories where company_id = $1 and id = $2", tx.company_id, attempt.id
            ):
                await tx.execute(INSERT, attempt.id, tx.company_id, f"{input.name} ordered", attempt.id.hex)
            if input.name == "within":
                raise TooDear

        async def second(tx: Tx) -> None:
            await tx.execute(
                "update categories set name = $3 where company_id = $1 and id = $2",
                tx.company_id,
                attempt.id,
                input.name,
            )

        if input.name == "before":
            raise TooDear
        await attempt.run(first, context.actor)
        if EXECUTIONS.faults:
            raise EXECUTIONS.faults.pop()
        if input.name in ERRORS:
            raise ERRORS[input.name]
        await attempt.run(second, context.actor)
        return ShelfPayload(id=attempt.id, tries=EXECUTIONS.runs)


def _shown() -> TooDearError:
    error = ERRORS["dear"]
    assert isinstance(error, TooDear)
    cost = present(Money, error.cost)
    return TooDearError(code=error.code, message=error.message, cost=cost, shelves=error.shelves)
