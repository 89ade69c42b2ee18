"""Queries of the ledger, for staff."""

from typing import Annotated
from uuid import UUID

import strawberry

from domains.ledger.listing import ALL_ENTRIES
from gateway.graphql.core.context import Info
from gateway.graphql.core.fields import present, query
from gateway.graphql.core.pagination import After, Before, Connection, First, Last, PageArgs
from gateway.graphql.core.sorting import SortDirection
from gateway.graphql.ledger.inputs import LedgerEntryFilterInput
from gateway.graphql.ledger.types import READS_LEDGER, LedgerAccount, LedgerEntry


@strawberry.type
class LedgerQuery:
    """The ledger domain's fields of Query."""

    @query(READS_LEDGER)
    async def ledger_accounts(
        self,
        info: Info,
        direction: Annotated[
            SortDirection, strawberry.argument(description="The direction of the codes; ascending by default.")
        ] = SortDirection.ASC,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[LedgerAccount]:
        """The accounts of the company's ledger by their codes, with their sums."""
        page = await info.context.services.ledger.accounts.find(
            info.context.reader, PageArgs(first, after, last, before), direction=direction.value
        )
        return Connection[LedgerAccount].of(page)

    @query(READS_LEDGER)
    async def ledger_entries(
        self,
        info: Info,
        filter: Annotated[
            LedgerEntryFilterInput | None,
            strawberry.argument(description="Conditions on the entries; the whole ledger by default."),
        ] = None,
        direction: Annotated[
            SortDirection,
            strawberry.argument(
                description="The direction of the times of posting; the newest come first by default."
            ),
        ] = SortDirection.DESC,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[LedgerEntry]:
        """The entries of the company's ledger, by the time at which they were posted."""
        page = await info.context.services.ledger.listing.entries(
            info.context.reader,
            PageArgs(first, after, last, before),
            filter.as_filter() if filter else ALL_ENTRIES,
            direction=direction.value,
        )
        return Connection[LedgerEntry].of(page)

    @query(READS_LEDGER)
    async def ledger_entry(
        self,
        info: Info,
        id: Annotated[UUID, strawberry.argument(description="The id of an entry, as `ledgerEntries` shows it.")],
    ) -> LedgerEntry | None:
        """An entry of the company's ledger; null when there is none."""
        found = await info.context.services.ledger.listing.entries_by_id(info.context.reader, [id])
        return present(LedgerEntry, found[0] if found else None)
