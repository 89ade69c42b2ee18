"""The GraphQL types of the ledger: accounts, entries and lines."""

from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any, Final
from uuid import UUID

import strawberry

from domains.kernel.permissions import PermissionAction, PermissionResource
from domains.kernel.values.money import Money as KernelMoney
from domains.ledger import models
from domains.ledger.models import LedgerAccountType, LedgerSide
from gateway.graphql.auth.loaders import load_users
from gateway.graphql.core.enums import describe
from gateway.graphql.core.fields import computed, guarded, present, relation, requires
from gateway.graphql.core.node import Node
from gateway.graphql.core.relations import Derived
from gateway.graphql.core.scalars import Money
from gateway.graphql.ledger.loaders import (
    load_accounts_by_code,
    load_entries,
    load_lines,
    load_order_entries,
    load_reversals,
    load_totals,
    load_transaction_entries,
)
from gateway.graphql.order.loaders import load_visible_orders

if TYPE_CHECKING:
    from gateway.graphql.auth.types import User
    from gateway.graphql.order.types import Order

READS_LEDGER: Final = requires(PermissionResource.ANALYTICS, PermissionAction.READ)
SEES_ORDERS: Final = requires(PermissionResource.ORDERS, PermissionAction.READ)
SEES_USERS: Final = requires(PermissionResource.USERS, PermissionAction.READ)
LazyUser = Annotated["User", strawberry.lazy("gateway.graphql.auth.types")]
LazyOrder = Annotated["Order", strawberry.lazy("gateway.graphql.order.types")]

describe(
    LedgerAccountType,
    "What an account of the ledger counts, which decides the side on which it grows.",
    {
        LedgerAccountType.ASSET: "What the company has or is owed; it grows by debits.",
        LedgerAccountType.LIABILITY: "What the company owes, such as tax and gift cards; it grows by credits.",
        LedgerAccountType.EQUITY: "What the owners put in and earned; it grows by credits.",
        LedgerAccountType.INCOME: "What the company earns; it grows by credits.",
        LedgerAccountType.EXPENSE: "What the company spends, such as payment fees; it grows by debits.",
    },
)
describe(
    LedgerSide,
    "The side of a line of the ledger. The lines of an entry have the same sum on both sides.",
    {
        LedgerSide.DEBIT: "Assets and expenses grow, other accounts shrink.",
        LedgerSide.CREDIT: "Liabilities, equity and income grow, other accounts shrink.",
    },
)


def _total(attribute: str, description: str) -> Any:
    """One of the sums of an account; all of them are loaded together."""

    def value(totals: models.AccountTotals, _code: str) -> Money:
        return present(Money, KernelMoney(getattr(totals, attribute), totals.currency))

    return relation("code", load_totals, derived=Derived(by=lambda code: code, value=value), description=description)


@strawberry.type(
    description=(
        "An account of the company's ledger. Standard accounts appear with their first entry. Requires "
        "ANALYTICS:READ."
    )
)
class LedgerAccount(Node, model=models.LedgerAccount):
    """The ledger domain's LedgerAccount."""

    code: str = strawberry.field(
        description=(
            "The code, unique in the company, which never changes: four digits for the standard accounts, `1200.` "
            "and the provider for what a payment provider holds, five to eight digits for accounts of your own."
        )
    )
    name: str = strawberry.field(description="The name, which `ledgerAccountUpdate` changes.")
    type: LedgerAccountType = strawberry.field(description="What it counts; it never changes.")
    debit: Money = _total("debit", "The sum of all debits to it.")
    credit: Money = _total("credit", "The sum of all credits to it.")
    balance: Money = _total(
        "balance",
        "Debits without credits for an ASSET or EXPENSE, credits without debits for other types; may be negative.",
    )
    created_at: datetime = strawberry.field(description="When it was added.")


def _amount(root: Any) -> Money:
    """The amount, above 0, in the company's currency."""
    return present(Money, KernelMoney(root.amount, root.currency))


def _code(root: Any) -> str:
    """The code of the account that is debited or credited, such as 4000 for sales."""
    return str(root.account)


@strawberry.type(description="A debit or a credit of an entry of the ledger.")
class LedgerLine:
    """The ledger domain's LedgerLine."""

    currency: strawberry.Private[str]

    account_code: str = computed(_code)
    side: LedgerSide = strawberry.field(description="Whether the account is debited or credited.")
    amount: Money = computed(_amount)
    subject_id: UUID | None = strawberry.field(
        description="The id of the gift card or store credit for which the amount is held; null for other accounts."
    )
    tax_rate: Decimal | None = strawberry.field(
        description="The rate, a fraction such as 0.19, of an amount of sales or of tax; null for others."
    )
    country: str | None = strawberry.field(
        description="The ISO 3166-1 code of the country that taxes it; null for amounts without tax."
    )
    account: LedgerAccount | None = relation(
        "account",
        load_accounts_by_code,
        description="The account that is debited or credited, with its sums as of now.",
    )


@strawberry.type(
    description=(
        "An entry of the ledger: what happened to the company's money. Its debits equal its credits. Entries are "
        "never changed or deleted. Requires ANALYTICS:READ."
    )
)
class LedgerEntry(Node, model=models.LedgerEntry):
    """The ledger domain's LedgerEntry."""

    kind: str = strawberry.field(
        description=(
            "What was posted, such as SALE, PAYMENT, REFUND, or ADJUSTMENT by staff; later versions may add kinds."
        )
    )
    source_kind: str = strawberry.field(
        description="The kind of thing that it was posted for, such as `payment_transaction`."
    )
    source_id: UUID = strawberry.field(description="The id of the thing that it was posted for.")
    order_id: UUID | None = strawberry.field(description="The id of the order that it belongs to; null for none.")
    lines: list[LedgerLine] = relation(
        "id", load_lines, many=True, size=4, description="The debits and credits, at least two."
    )
    reason: str | None = strawberry.field(description="Why staff posted it; null for an entry of the platform.")
    performed_by: UUID | None = guarded(
        SEES_USERS,
        "performed_by",
        description="The id of the user who posted it by hand; null for the platform. Requires USERS:READ.",
    )
    performed_by_user: LazyUser | None = relation(
        "performed_by",
        load_users,
        guard=SEES_USERS,
        description="The user who posted it by hand; null for the platform. Requires USERS:READ.",
    )
    booked_on: date = strawberry.field(
        description="The day in the company's time zone to which it counts; an adjustment may have a past day."
    )
    created_at: datetime = strawberry.field(description="When it was posted.")
    order: LazyOrder | None = relation(
        "order_id",
        load_visible_orders,
        guard=SEES_ORDERS,
        description="The order that it belongs to; null for none. Requires ORDERS:READ.",
    )
    reversed_by: "LedgerEntry | None" = relation(
        "id", load_reversals, description="The entry that reverses this adjustment; null when there is none."
    )
    reverses: "LedgerEntry | None" = relation(
        "source_id", load_entries, description="The adjustment that this entry reverses; null for other entries."
    )


ORDER_ENTRIES: Final = relation(
    "id",
    load_order_entries,
    many=True,
    size=3,
    guard=READS_LEDGER,
    description="The entries of the ledger that belong to the order, oldest first. Requires ANALYTICS:READ.",
)
"""The field of an order."""
TRANSACTION_ENTRIES: Final = relation(
    "id",
    load_transaction_entries,
    many=True,
    size=1,
    guard=READS_LEDGER,
    description=(
        "The entries of the ledger that were posted for it; none for what moved no money. Requires ANALYTICS:READ."
    ),
)
"""The field of a transaction at a payment provider."""
