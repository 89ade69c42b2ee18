"""The payloads of store credit, and how they are rebuilt for a repeated idempotency key."""

from collections.abc import Mapping
from typing import Any, Final, Self

import strawberry

from domains.kernel.idempotency.outcomes import Outcome
from gateway.graphql.core.context import Info
from gateway.graphql.core.errors import UserError
from gateway.graphql.core.fields import present
from gateway.graphql.payment.store_credit.types import StoreCredit

ERRORS: Final = "Why nothing was changed; empty on success."


@strawberry.type(description="The payload of a mutation that changes store credit.")
class StoreCreditOutcome:
    """The common fields of payloads of store credit. Not a type of the API itself."""

    store_credit: StoreCredit | None = strawberry.field(
        default=None, description="The customer's store credit; null when nothing was changed."
    )
    errors: list[UserError] = strawberry.field(default_factory=list, description=ERRORS)

    def outcome(self) -> Mapping[str, Any]:
        """The id of the store credit."""
        return {"store_credit_id": self.store_credit.id if self.store_credit else None}

    @classmethod
    async def from_outcome(cls, info: Info, input: Any, outcome: Outcome) -> Self:
        """The store credit as it is now."""
        del input
        credit_id, context = outcome.id("store_credit_id"), info.context
        if credit_id is None:
            return cls()
        (row,) = await context.services.payment.store_credits.by_id(context.reader, [credit_id])
        return cls(store_credit=present(StoreCredit, row))


@strawberry.type(description="The result of `storeCreditIssue`.")
class StoreCreditIssuePayload(StoreCreditOutcome):
    """See StoreCredits.issue."""


@strawberry.type(description="The result of `storeCreditDeduct`.")
class StoreCreditDeductPayload(StoreCreditOutcome):
    """See StoreCredits.deduct."""
