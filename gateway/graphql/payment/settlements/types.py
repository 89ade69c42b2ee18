"""Settlement reports of payment providers in the API."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any, Final
from uuid import UUID

import strawberry

from domains.kernel.permissions import PermissionAction, PermissionResource
from domains.kernel.values.money import Money as KernelMoney
from domains.payment.settlements import models
from domains.payment.settlements.models import (
    SettlementDifferenceKind,
    SettlementDifferenceStatus,
    SettlementLineType,
)
from gateway.graphql.auth.loaders import load_users
from gateway.graphql.core.enums import describe
from gateway.graphql.core.fields import computed, guarded, present, relation, requires
from gateway.graphql.core.node import Node
from gateway.graphql.core.scalars import CurrencyCode, Money
from gateway.graphql.payment.listing.types import READS_ORDERS, PaymentTransaction
from gateway.graphql.payment.settlements.loaders import (
    load_differences,
    load_open_counts,
    load_reports,
    load_settled_transactions,
)
from gateway.graphql.payment.types import SEES_USERS

if TYPE_CHECKING:
    from gateway.graphql.auth.types import User

READS_SETTLEMENTS: Final = requires(PermissionResource.ANALYTICS, PermissionAction.READ)
LazyUser = Annotated["User", strawberry.lazy("gateway.graphql.auth.types")]
LazyReport = Annotated["SettlementReport", strawberry.lazy("gateway.graphql.payment.settlements.types")]
LazyDifference = Annotated["SettlementDifference", strawberry.lazy("gateway.graphql.payment.settlements.types")]

describe(
    SettlementLineType,
    "What a line of a settlement report is.",
    {
        SettlementLineType.CHARGE: "A payment that was captured, or the part of it that was not captured after all.",
        SettlementLineType.REFUND: "A refund, or one that failed and came back.",
        SettlementLineType.FEE: "A fee of the provider that belongs to no other line, or one that came back.",
        SettlementLineType.CHARGEBACK: "What the buyer's bank took back after a dispute.",
        SettlementLineType.CHARGEBACK_REVERSAL: "A chargeback that came back because the shop won the dispute.",
        SettlementLineType.PAYOUT: "A transfer to the company's bank account, or from it.",
        SettlementLineType.ADJUSTMENT: "Anything else, which the ledger keeps in the account Suspense (1900).",
    },
)
describe(
    SettlementDifferenceKind,
    "How a settlement report and the transactions of payments disagree about a charge, a refund or a dispute.",
    {
        SettlementDifferenceKind.MISSING_HERE: "A report has it, and no payment here.",
        SettlementDifferenceKind.MISSING_AT_PROVIDER: "A payment here has it, and the report of its period does not.",
        SettlementDifferenceKind.AMOUNT_DIFFERS: "Both have it, with other amounts.",
        SettlementDifferenceKind.CURRENCY_DIFFERS: "Both have it, in other currencies.",
        SettlementDifferenceKind.DUPLICATE: "A report has it more than once.",
    },
)
describe(
    SettlementDifferenceStatus,
    "Whether a difference still has to be explained.",
    {
        SettlementDifferenceStatus.OPEN: "Nobody has explained it.",
        SettlementDifferenceStatus.RESOLVED: "Staff have explained it. It is open again when the amounts change.",
        SettlementDifferenceStatus.CLEARED: "Both agree by now: a later report or webhook explained it.",
    },
)


def _money(attribute: str, description: str) -> Any:
    """An amount in the currency of the report."""

    def amount(root: Any) -> Money:
        return present(Money, KernelMoney(getattr(root, attribute), root.currency))

    amount.__doc__ = description
    return computed(amount)


def _amount_here(root: Any) -> Money | None:
    """What the payment says: signed, as the balance at the provider changes; null for MISSING_HERE."""
    return None if root.amount_here is None else present(Money, KernelMoney(root.amount_here, root.currency_here))


def _amount_reported(root: Any) -> Money | None:
    """The sum of the lines of the reports; null for MISSING_AT_PROVIDER."""
    if root.amount_reported is None:
        return None
    return present(Money, KernelMoney(root.amount_reported, root.currency_reported))


@strawberry.type(
    description=(
        "A settlement report of a payment provider that was imported. Fees, payouts and adjustments are posted to "
        "the ledger; charges, refunds and chargebacks are compared with payments. Requires ANALYTICS:READ."
    )
)
class SettlementReport(Node, model=models.SettlementReport):
    """The payment domain's SettlementReport."""

    currency: strawberry.Private[str]

    provider: str = strawberry.field(description="The payment provider, such as STRIPE.")
    account_id: str | None = strawberry.field(
        description="The account at the provider; null where reports do not name it."
    )
    period_from: datetime = strawberry.field(
        description="The begin of the period; the time of the first row where the report does not tell it."
    )
    period_to: datetime = strawberry.field(description="The end of the period, which belongs to it.")
    line_count: int = strawberry.field(description="The number of rows in the file.")
    repeated_count: int = strawberry.field(
        description="Of these, the rows that an earlier report had; they are not counted again."
    )
    gross: Money = _money("gross", "The sum of all rows before fees.")
    fee: Money = _money("fee", "The fees of all rows; a positive amount is a cost.")
    net: Money = _money("net", "The change of the balance at the provider.")
    open_difference_count: int = relation(
        "id", load_open_counts, description="The number of its differences that are OPEN; 0 when it is reconciled."
    )
    imported_by: UUID | None = guarded(
        SEES_USERS,
        "imported_by",
        description="The id of the user who imported it; null for the command line. Requires USERS:READ.",
    )
    imported_by_user: LazyUser | None = relation(
        "imported_by",
        load_users,
        guard=SEES_USERS,
        description="The user who imported it; null for the command line. Requires USERS:READ.",
    )
    created_at: datetime = strawberry.field(description="When it was imported.")


@strawberry.type(
    description="A difference between reports and payments. There is one at most for each charge, refund and dispute."
)
class SettlementDifference(Node, model=models.SettlementDifference):
    """The payment domain's SettlementDifference."""

    report_id: UUID = strawberry.field(description="The id of the report in which it was found.")
    provider: str = strawberry.field(description="The payment provider.")
    type: SettlementLineType = strawberry.field(description="CHARGE, REFUND or CHARGEBACK.")
    reference: str = strawberry.field(description="The provider's id of the charge, refund or dispute.")
    kind: SettlementDifferenceKind = strawberry.field(
        description="Whether one side is missing, or in what both sides differ."
    )
    status: SettlementDifferenceStatus = strawberry.field(description="Whether it still has to be explained.")
    amount_here: Money | None = computed(_amount_here)
    amount_reported: Money | None = computed(_amount_reported)
    transaction_id: UUID | None = strawberry.field(description="The id of the transaction here; null without one.")
    reason: str | None = strawberry.field(description="Why staff have resolved it; null unless it is RESOLVED.")
    resolved_at: datetime | None = strawberry.field(description="When staff resolved it; null unless it is RESOLVED.")
    resolved_by: UUID | None = guarded(
        SEES_USERS,
        "resolved_by",
        description="The id of the user who resolved it; null unless it is RESOLVED. Requires USERS:READ.",
    )
    resolved_by_user: LazyUser | None = relation(
        "resolved_by",
        load_users,
        guard=SEES_USERS,
        description="The user who resolved it; null unless it is RESOLVED. Requires USERS:READ.",
    )
    created_at: datetime = strawberry.field(description="When it was found first.")
    updated_at: datetime = strawberry.field(description="When both sides were compared last, or it was resolved.")
    report: LazyReport | None = relation("report_id", load_reports, description="The report in which it was found.")
    transaction: PaymentTransaction | None = relation(
        "transaction_id",
        load_settled_transactions,
        guard=READS_ORDERS,
        description="The transaction here; null without one. Requires ORDERS:READ.",
    )


@strawberry.type(description="A row of a settlement report: what the balance at the provider gained or lost.")
class SettlementLine(Node, model=models.SettlementLine):
    """The payment domain's SettlementLine."""

    currency: strawberry.Private[str]

    report_id: UUID = strawberry.field(description="The id of the first report that has the row.")
    line: int = strawberry.field(description="The line of the file on which the row begins, from 1.")
    external_id: str = strawberry.field(
        description="The provider's id of the row; for PayPal with the event code and the side, `…:T0006:CR`."
    )
    type: SettlementLineType = strawberry.field(
        description="Whether a payment moved, or what else changed the balance."
    )
    category: str = strawberry.field(description="What it is in the provider's words, such as `charge` or `T0006`.")
    gross: Money = _money("gross", "The amount before the fee; positive when the balance grows.")
    fee: Money = _money("fee", "The fee of this row; a positive amount is a cost.")
    net: Money = _money("net", "The change of the balance: `gross` without `fee`.")
    occurred_at: datetime = strawberry.field(description="When it happened at the provider.")
    available_at: datetime | None = strawberry.field(
        description="When it can be paid out; null where the report does not tell it."
    )
    reference: str = strawberry.field(
        description="The provider's id of the charge, refund, dispute or payout; the row's own id without one."
    )
    payment_reference: str | None = strawberry.field(
        description="The provider's id of the payment; null where the report does not tell it."
    )
    transaction_id: UUID | None = strawberry.field(description="The id of the transaction here; null without one.")
    difference_id: UUID | None = strawberry.field(
        description="The id of the difference, OPEN or RESOLVED, that it belongs to; null when both sides agree."
    )
    transaction: PaymentTransaction | None = relation(
        "transaction_id",
        load_settled_transactions,
        guard=READS_ORDERS,
        description="The transaction here; null without one. Requires ORDERS:READ.",
    )
    difference: LazyDifference | None = relation(
        "difference_id", load_differences, description="The difference that it belongs to; null when both agree."
    )


@strawberry.type(description="The company's money at a payment provider: by the ledger, and by settlement reports.")
class ClearingBalance:
    """The payment domain's ClearingBalance."""

    provider: str = strawberry.field(description="The payment provider.")
    currency: CurrencyCode = strawberry.field(description="The company's currency.")
    balance: Money = _money("balance", "What was captured and not refunded or paid out, by the ledger.")
    reported: Money = _money("reported", "The sum of the rows of all reports.")
    unreconciled: Money = _money("unreconciled", "`balance` without `reported`: not reported yet, or a difference.")
