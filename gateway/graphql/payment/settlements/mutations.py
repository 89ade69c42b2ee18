"""Mutations of settlement reports, for staff. Files are imported by `POST /import/settlements`."""

from typing import Annotated, Final

import strawberry

from domains.kernel.database import Tx
from domains.kernel.permissions import PermissionAction, PermissionResource
from gateway.graphql.core.context import Info
from gateway.graphql.core.errors import UserError
from gateway.graphql.core.fields import command, present, requires
from gateway.graphql.payment.settlements import inputs
from gateway.graphql.payment.settlements.types import SettlementDifference, SettlementReport

MAY_MANAGE: Final = requires(PermissionResource.ANALYTICS, PermissionAction.MANAGE)


@strawberry.type(description="The result of `settlementReportReconcile`.")
class SettlementReportReconcilePayload:
    """The report or the errors."""

    report: SettlementReport | None = strawberry.field(
        default=None, description="The report, with the number of its differences as of now."
    )
    errors: list[UserError] = strawberry.field(
        default_factory=list, description="Why it was not compared; empty on success."
    )


@strawberry.type(description="The result of `settlementDifferenceResolve`.")
class SettlementDifferenceResolvePayload:
    """The difference or the errors."""

    difference: SettlementDifference | None = strawberry.field(
        default=None, description="The difference, which is RESOLVED."
    )
    errors: list[UserError] = strawberry.field(
        default_factory=list, description="Why it was not resolved; empty on success."
    )


@strawberry.type
class SettlementMutation:
    """The fields of Mutation about settlement reports."""

    @command(MAY_MANAGE)
    async def settlement_report_reconcile(
        self,
        info: Info,
        tx: Tx,
        input: Annotated[
            inputs.SettlementReportReconcileInput, strawberry.argument(description="The report to compare again.")
        ],
    ) -> SettlementReportReconcilePayload:
        """Compare a settlement report with the payments again, when these have changed since its import.

        A job does this with the open differences every 15 minutes.
        """
        reconciliation = info.context.services.payment.settlements.reconciliation
        report = await reconciliation.reconcile(tx, input.report_id)
        return SettlementReportReconcilePayload(report=present(SettlementReport, report))

    @command(MAY_MANAGE)
    async def settlement_difference_resolve(
        self,
        info: Info,
        tx: Tx,
        input: Annotated[
            inputs.SettlementDifferenceResolveInput,
            strawberry.argument(description="The difference and why it is resolved."),
        ],
    ) -> SettlementDifferenceResolvePayload:
        """Mark a difference as resolved. It moves no money; an entry that it needs is posted by an adjustment."""
        context = info.context
        reconciliation = context.services.payment.settlements.reconciliation
        resolved = await reconciliation.resolve(tx, context.actor, input.difference_id, input.reason)
        return SettlementDifferenceResolvePayload(difference=present(SettlementDifference, resolved))
