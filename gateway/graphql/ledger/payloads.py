"""The payloads of the ledger's mutations, and how they are rebuilt for a repeated idempotency key."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final, Self

import strawberry

from domains.kernel.idempotency.outcomes import Outcome
from domains.ledger.errors import EntryUnbalanced
from gateway.graphql.core.context import Info
from gateway.graphql.core.errors import UserError, shows
from gateway.graphql.core.fields import present
from gateway.graphql.core.scalars import CurrencyCode
from gateway.graphql.ledger.types import LedgerAccount, LedgerEntry

ERRORS: Final = "Why nothing was changed; empty on success."


@shows(EntryUnbalanced)
@strawberry.type(description="The debits and the credits of an entry differ.")
class EntryUnbalancedError(UserError):
    """The difference."""

    difference: Decimal = strawberry.field(
        description="The debits without the credits, in `currency`; 0 for an entry without lines."
    )
    currency: CurrencyCode = strawberry.field(description="The company's currency.")


@strawberry.type(description="The result of `ledgerAccountCreate`.")
class LedgerAccountCreatePayload:
    """The account, or the errors."""

    account: LedgerAccount | None = strawberry.field(
        default=None, description="The new account; null when it was refused."
    )
    errors: list[UserError] = strawberry.field(default_factory=list, description=ERRORS)


@strawberry.type(description="The result of `ledgerAccountUpdate`.")
class LedgerAccountUpdatePayload:
    """The account, or the errors."""

    account: LedgerAccount | None = strawberry.field(
        default=None, description="The changed account; null when the change was refused."
    )
    errors: list[UserError] = strawberry.field(default_factory=list, description=ERRORS)


@strawberry.type(description="The payload of a mutation that posts one entry.")
class EntryOutcome:
    """The common fields of payloads of one new entry. Not a type of the API itself."""

    entry: LedgerEntry | None = strawberry.field(
        default=None, description="The new entry; null when nothing was posted."
    )
    errors: list[UserError] = strawberry.field(default_factory=list, description=ERRORS)

    def outcome(self) -> Mapping[str, Any]:
        """The entry's id."""
        return {"entry_id": self.entry.id if self.entry else None}

    @classmethod
    async def from_outcome(cls, info: Info, input: Any, outcome: Outcome) -> Self:
        """The entry, which never changes."""
        del input
        entry_id, context = outcome.id("entry_id"), info.context
        if entry_id is None:
            return cls()
        (entry,) = await context.services.ledger.listing.entries_by_id(context.reader, [entry_id])
        return cls(entry=present(LedgerEntry, entry))


@strawberry.type(description="The result of `ledgerAdjustmentCreate`.")
class LedgerAdjustmentCreatePayload(EntryOutcome):
    """The adjustment, or the errors."""


@strawberry.type(description="The result of `ledgerAdjustmentReverse`.")
class LedgerAdjustmentReversePayload(EntryOutcome):
    """The reversal, or the errors."""
