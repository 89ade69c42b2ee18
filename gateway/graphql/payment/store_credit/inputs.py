"""The inputs of store credit."""

from decimal import Decimal
from uuid import UUID

import strawberry

from gateway.graphql.order.inputs import KEY


@strawberry.input(description="Store credit to give to a customer.")
class StoreCreditIssueInput:
    """See StoreCredits.issue."""

    idempotency_key: str = strawberry.field(description=KEY)
    user_id: UUID = strawberry.field(description="The id of a customer of this company.")
    amount: Decimal = strawberry.field(description="What is added, above 0, in the company's currency.")
    reason: str = strawberry.field(description="Why, 1 to 1,000 characters, for staff. It is kept with your name.")


@strawberry.input(description="Store credit to take from a customer.")
class StoreCreditDeductInput:
    """See StoreCredits.deduct."""

    idempotency_key: str = strawberry.field(description=KEY)
    user_id: UUID = strawberry.field(description="The id of a customer of this company.")
    amount: Decimal = strawberry.field(
        description="What is taken, above 0 and at most what is left, in the company's currency."
    )
    reason: str = strawberry.field(description="Why, 1 to 1,000 characters, for staff. It is kept with your name.")
