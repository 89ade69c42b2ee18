"""A ledger of a test company: entries on chosen days, the job of the sums, and what the sums break."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Final

from domains.company.service import CompanyService
from domains.kernel.actor import Actor
from domains.kernel.clock import FixedClock
from domains.kernel.database import Database, Reader
from domains.kernel.ids import new_id
from domains.kernel.settings import SettingsCache
from domains.ledger import chart
from domains.ledger.invariants import INVARIANTS
from domains.ledger.models import NewEntry, NewLine, Source, credit, debit
from domains.ledger.service import LedgerService

SUMS: Final = "The sums of each day and the entries that wait for the job are the lines of the ledger"
(QUERY,) = (invariant.query for invariant in INVARIANTS if invariant.rule == SUMS)
NINETEEN: Final = Decimal("0.19")
SEVEN: Final = Decimal("0.07")


@dataclass(frozen=True, slots=True)
class Books:
    """The ledger of one company."""

    ledger: LedgerService
    database: Database
    actor: Actor
    owner: Any

    @classmethod
    def of(cls, database: Database, actor: Actor, owner: Any, clock: FixedClock) -> "Books":
        """The ledger of the actor's company."""
        return cls(LedgerService(CompanyService(clock, SettingsCache(clock))), database, actor, owner)

    @property
    def reader(self) -> Reader:
        """A reader of the company."""
        return self.database.reader(self.actor.company_id)

    async def post(self, *lines: NewLine, on: date | None = None, currency: str = "EUR") -> None:
        """Post one entry."""
        posted = entry(*lines, on=on, currency=currency)
        await self.database.run(lambda tx: self.ledger.post(tx, posted), self.actor)

    async def add_up(self) -> int:
        """Run the job until nothing waits; the number of added lines."""
        added = 0
        while lines := await self.database.run(self.ledger.daily_sums.add_entries, self.actor):
            added += lines
        return added

    async def waiting(self) -> int:
        """How many entries wait for the job."""
        count: int = await self.owner.fetchval(
            "select count(*) from ledger_unsummed_entries where company_id = $1", self.actor.company_id
        )
        return count

    async def broken(self) -> list[tuple[Any, ...]]:
        """What the invariant of the sums finds in this company."""
        return [tuple(row)[1:] for row in await self.owner.fetch(QUERY) if row[0] == self.actor.company_id]

    async def sums(self) -> list[tuple[Any, ...]]:
        """The kept sums."""
        rows = await self.owner.fetch(
            "select account, booked_on, tax_rate, country, debit, credit, line_count from ledger_daily_sums "
            "where company_id = $1 order by account, booked_on, tax_rate, country",
            self.actor.company_id,
        )
        return [tuple(row) for row in rows]


def sale(net: str, tax: str, *, rate: Decimal = NINETEEN, country: str = "DE") -> Sequence[NewLine]:
    """The lines of a sale with one rate of tax."""
    return (
        debit(chart.RECEIVABLE, Decimal(net) + Decimal(tax)),
        credit(chart.SALES, Decimal(net), tax_rate=rate, country=country),
        credit(chart.TAX_PAYABLE, Decimal(tax), tax_rate=rate, country=country),
    )


def entry(*lines: NewLine, on: date | None = None, currency: str = "EUR") -> NewEntry:
    """An entry of an order of its own."""
    return NewEntry(kind="SALE", source=Source("order", new_id()), currency=currency, lines=lines, booked_on=on)
