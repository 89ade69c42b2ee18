"""The GraphQL type of store credit."""

from datetime import datetime
from uuid import UUID

import strawberry

from domains.payment.store_credit import models
from gateway.graphql.core.fields import relation
from gateway.graphql.core.node import Node
from gateway.graphql.core.scalars import Money
from gateway.graphql.payment.gift_cards.types import BalanceTransaction
from gateway.graphql.payment.store_credit.loaders import load_balances, load_movements


@strawberry.type(
    description=(
        "What a customer can spend in the shop beside money. It does not expire. The customer and staff with "
        "USERS:READ see it."
    )
)
class StoreCredit(Node, model=models.StoreCredit):
    """The payment domain's StoreCredit."""

    user_id: UUID = strawberry.field(description="The id of the customer.")
    balance: Money = relation("id", load_balances, description="What the customer can spend now.")
    created_at: datetime = strawberry.field(description="When the customer first got store credit.")
    transactions: list[BalanceTransaction] = relation(
        "id",
        load_movements,
        many=True,
        size=10,
        description="The last 100 changes of the balance, newest first; `ledgerEntries` has all of them for staff.",
    )
