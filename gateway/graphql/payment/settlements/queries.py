"""Queries of settlement reports, for staff."""

from typing import Annotated
from uuid import UUID

import strawberry

from domains.payment.settlements.models import DifferenceFilter, LineFilter, ReportFilter
from gateway.graphql.core.context import Info
from gateway.graphql.core.fields import present, query
from gateway.graphql.core.pagination import After, Before, Connection, First, Last, PageArgs
from gateway.graphql.payment.settlements.inputs import (
    SettlementDifferenceFilterInput,
    SettlementLineFilterInput,
    SettlementReportFilterInput,
)
from gateway.graphql.payment.settlements.types import (
    READS_SETTLEMENTS,
    ClearingBalance,
    SettlementDifference,
    SettlementLine,
    SettlementReport,
)


@strawberry.type
class SettlementQuery:
    """The fields of Query about settlement reports."""

    @query(READS_SETTLEMENTS)
    async def settlement_reports(
        self,
        info: Info,
        filter: Annotated[
            SettlementReportFilterInput | None,
            strawberry.argument(description="Conditions on the reports; all reports by default."),
        ] = None,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[SettlementReport]:
        """The settlement reports that were imported, the latest first. `POST /import/settlements` imports one."""
        page = await info.context.services.payment.settlements.reports(
            info.context.reader,
            PageArgs(first, after, last, before),
            filter.as_filter() if filter else ReportFilter(),
        )
        return Connection[SettlementReport].of(page)

    @query(READS_SETTLEMENTS)
    async def settlement_report(
        self,
        info: Info,
        id: Annotated[UUID, strawberry.argument(description="The id that `settlementReports` shows.")],
    ) -> SettlementReport | None:
        """A settlement report; null when there is none."""
        found = await info.context.services.payment.settlements.reports_by_id(info.context.reader, [id])
        return present(SettlementReport, found[0] if found else None)

    @query(READS_SETTLEMENTS)
    async def settlement_lines(
        self,
        info: Info,
        report_id: Annotated[
            UUID, strawberry.argument(description="The report whose rows are listed; an unknown id has none.")
        ],
        filter: Annotated[
            SettlementLineFilterInput | None,
            strawberry.argument(description="Conditions on the lines; all lines of the report by default."),
        ] = None,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[SettlementLine]:
        """The lines of a settlement report in the order of the file, without those that an earlier report had."""
        page = await info.context.services.payment.settlements.lines(
            info.context.reader,
            PageArgs(first, after, last, before),
            report_id,
            filter.as_filter() if filter else LineFilter(),
        )
        return Connection[SettlementLine].of(page)

    @query(READS_SETTLEMENTS)
    async def settlement_differences(
        self,
        info: Info,
        filter: Annotated[
            SettlementDifferenceFilterInput | None,
            strawberry.argument(description="Conditions on the differences; all differences by default."),
        ] = None,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[SettlementDifference]:
        """The differences between settlement reports and payments, the latest first."""
        page = await info.context.services.payment.settlements.differences(
            info.context.reader,
            PageArgs(first, after, last, before),
            filter.as_filter() if filter else DifferenceFilter(),
        )
        return Connection[SettlementDifference].of(page)

    @query(READS_SETTLEMENTS)
    async def clearing_balances(self, info: Info) -> list[ClearingBalance]:
        """The money at each payment provider whose reports can be imported, by the ledger and by the reports."""
        balances = await info.context.services.payment.settlements.clearing(info.context.reader)
        return [present(ClearingBalance, balance) for balance in balances]
