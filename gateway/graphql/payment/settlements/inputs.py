"""Inputs of settlement reports."""

from uuid import UUID

import strawberry

from domains.payment.settlements.models import (
    DifferenceFilter,
    LineFilter,
    ReportFilter,
    SettlementDifferenceKind,
    SettlementDifferenceStatus,
    SettlementLineType,
)
from gateway.graphql.payment.settlements import types as _types  # noqa: F401 - enums must be GraphQL enums first


@strawberry.input(description="Conditions on reports, all of which must hold. Omitted fields set no condition.")
class SettlementReportFilterInput:
    """See ReportFilter."""

    ids: list[UUID] | None = strawberry.field(default=None, description="Only reports with one of these ids.")
    provider: str | None = strawberry.field(
        default=None, description="Only reports of the payment provider with exactly this name, such as STRIPE."
    )

    def as_filter(self) -> ReportFilter:
        """The domain's filter."""
        return ReportFilter(ids=self.ids, provider=self.provider)


@strawberry.input(description="Conditions on lines, all of which must hold. Omitted fields set no condition.")
class SettlementLineFilterInput:
    """See LineFilter."""

    types: list[SettlementLineType] | None = strawberry.field(default=None, description="Only lines of these types.")
    is_different: bool | None = strawberry.field(
        default=None, description="True: only lines of a difference that is not CLEARED; false: all others."
    )

    def as_filter(self) -> LineFilter:
        """The domain's filter."""
        return LineFilter(types=self.types, is_different=self.is_different)


@strawberry.input(description="Conditions on differences, all of which must hold. Omitted fields set no condition.")
class SettlementDifferenceFilterInput:
    """See DifferenceFilter."""

    ids: list[UUID] | None = strawberry.field(default=None, description="Only differences with one of these ids.")
    report_id: UUID | None = strawberry.field(default=None, description="Only differences found in this report.")
    provider: str | None = strawberry.field(
        default=None, description="Only those of the payment provider with exactly this name."
    )
    kind: list[SettlementDifferenceKind] | None = strawberry.field(
        default=None, description="Only differences of one of these kinds."
    )
    status: list[SettlementDifferenceStatus] | None = strawberry.field(
        default=None, description="Only differences with one of these statuses."
    )

    def as_filter(self) -> DifferenceFilter:
        """The domain's filter."""
        return DifferenceFilter(
            ids=self.ids,
            report_id=self.report_id,
            provider=self.provider,
            kinds=self.kind,
            statuses=self.status,
        )


@strawberry.input(description="A report to compare with the payments again.")
class SettlementReportReconcileInput:
    """A report."""

    report_id: UUID = strawberry.field(description="The id that `settlementReports` shows.")


@strawberry.input(description="A difference that is explained.")
class SettlementDifferenceResolveInput:
    """A difference and the explanation."""

    difference_id: UUID = strawberry.field(description="The id of a difference that is OPEN.")
    reason: str = strawberry.field(description="Why the sides differ, and what was done; at most 1,000 characters.")
