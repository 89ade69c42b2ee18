"""The GraphQL types of gift cards. None has a code, which is not stored."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

import strawberry

from domains.kernel.values.money import Money as KernelMoney
from domains.payment.gift_cards import models
from domains.payment.gift_cards.models import GiftCardOrigin, GiftCardStatus
from gateway.graphql.auth.loaders import load_users
from gateway.graphql.core.enums import describe
from gateway.graphql.core.fields import computed, guarded, present, relation
from gateway.graphql.core.node import Node
from gateway.graphql.core.scalars import Money
from gateway.graphql.payment.gift_cards.loaders import load_balances, load_movements, load_statuses
from gateway.graphql.payment.listing.types import READS_ORDERS, amount_of
from gateway.graphql.payment.types import SEES_USERS

if TYPE_CHECKING:
    from gateway.graphql.auth.types import User

LazyUser = Annotated["User", strawberry.lazy("gateway.graphql.auth.types")]

describe(
    GiftCardOrigin,
    "Why a gift card was issued.",
    {
        GiftCardOrigin.PROMOTION: "Staff gave it away; it is an expense of the shop.",
        GiftCardOrigin.SOLD: "Staff sold it, and received the money by hand.",
        GiftCardOrigin.ORDER: "A buyer bought it as a product.",
    },
)
describe(
    GiftCardStatus,
    "Whether a gift card can be spent, and if not, why.",
    {
        GiftCardStatus.ACTIVE: "It can be spent.",
        GiftCardStatus.EMPTY: "Nothing is left on it. A refund of an order that it paid goes back to it.",
        GiftCardStatus.EXPIRED: "It has expired. A refund to it extends it by 90 days.",
        GiftCardStatus.DISABLED: "Staff have disabled it. Its balance stays.",
    },
)


def _initial_amount(root: Any) -> Money:
    """The amount with which it was issued."""
    return present(Money, KernelMoney(root.initial_amount, root.currency))


def _movement_amount(root: Any) -> Money:
    """The change of the balance; negative for what was spent, deducted or expired."""
    return amount_of(root)


@strawberry.type(description="A change of the balance of a gift card or of store credit. Changes are never deleted.")
class BalanceTransaction:
    """The ledger domain's Movement."""

    currency: strawberry.Private[str]

    kind: str = strawberry.field(
        description=(
            "What changed it, such as GIFT_CARD_ISSUE, PAYMENT, REFUND, or GIFT_CARD_ADJUSTMENT by staff; later "
            "versions may add kinds."
        )
    )
    amount: Money = computed(_movement_amount)
    order_id: UUID | None = strawberry.field(description="The id of the order that was paid or refunded; or null.")
    reason: str | None = guarded(
        READS_ORDERS, "reason", description="Why staff changed it; null for others. Requires ORDERS:READ."
    )
    created_at: datetime = strawberry.field(description="When it was posted.")


@strawberry.type(
    description=(
        "A gift card, which pays orders until nothing is left on it. Its code is not stored and never shown again. "
        "Requires ORDERS:READ."
    )
)
class GiftCard(Node, model=models.GiftCard):
    """The payment domain's GiftCard."""

    currency: strawberry.Private[str]
    issued_by: strawberry.Private[UUID | None]

    last_characters: str = strawberry.field(description="The last four characters of the code.")
    status: GiftCardStatus = relation("id", load_statuses, description="Whether it can be spent now.")
    origin: GiftCardOrigin = strawberry.field(description="Why it was issued.")
    initial_amount: Money = computed(_initial_amount)
    balance: Money = relation("id", load_balances, description="What is left on it.")
    expires_at: datetime | None = strawberry.field(
        description="When it can no longer be spent and the shop keeps what is left; null for never."
    )
    disabled_at: datetime | None = strawberry.field(description="When staff disabled it; null unless it is disabled.")
    disabled_reason: str | None = strawberry.field(description="Why it was disabled; null for no reason given.")
    recipient_email: str | None = strawberry.field(
        description="The e-mail address to which the code was sent; null when it was not sent."
    )
    note: str | None = strawberry.field(description="A note for staff; null for none.")
    order_item_id: UUID | None = strawberry.field(
        description="The id of the order's line with which it was sold; null for other origins."
    )
    created_at: datetime = strawberry.field(description="When it was issued.")
    updated_at: datetime = strawberry.field(description="When it was last changed; payments do not count.")
    issued_by_user: LazyUser | None = relation(
        "issued_by",
        load_users,
        guard=SEES_USERS,
        description="The member of staff who issued it; null for ORDER. Requires USERS:READ.",
    )
    transactions: list[BalanceTransaction] = relation(
        "id",
        load_movements,
        many=True,
        size=10,
        description="The last 100 changes of its balance, newest first; `ledgerEntries` has all of them.",
    )


@strawberry.type(description="A new gift card with its code.")
class IssuedGiftCard:
    """See IssuedGiftCard of the payment domain."""

    gift_card: GiftCard = strawberry.field(description="The gift card, with its balance as of now.")
    code: str | None = strawberry.field(
        description=(
            "The code, which is shown this one time: hand it to the owner, and never store or log it. Null when the "
            "request was repeated; for a lost answer, disable the card and issue another one."
        )
    )


@strawberry.type(description="What the owner of a code may know of a gift card.")
class GiftCardBalance:
    """A part of GiftCard."""

    last_characters: str = strawberry.field(description="The last four characters of the code.")
    status: GiftCardStatus = strawberry.field(description="Whether it can be spent now.")
    balance: Money = strawberry.field(description="What is left on it.")
    expires_at: datetime | None = strawberry.field(description="When it can no longer be spent; null for never.")
