"""The inputs of the ledger."""

from datetime import date
from decimal import Decimal
from typing import Final
from uuid import UUID

import strawberry

from domains.kernel.errors import TooMany
from domains.ledger.models import AdjustmentLine, EntryFilter, LedgerAccountType, LedgerSide, NewAdjustment
from gateway.graphql.core.fields import from_input
from gateway.graphql.order.inputs import KEY

MAX_KINDS: Final = 20


@strawberry.input(
    description=(
        "Conditions on entries of the ledger, all of which must hold. Omitted fields set no condition. One line of "
        "the entry meets those on lines: account, subject and amounts."
    )
)
class LedgerEntryFilterInput:
    """See EntryFilter."""

    kinds: list[str] | None = strawberry.field(
        default=None, description="Entries of one of these kinds, such as SALE or ADJUSTMENT; at most 20."
    )
    account: str | None = strawberry.field(
        default=None, description="Entries with a line of the account of this code."
    )
    subject_id: UUID | None = strawberry.field(
        default=None, description="Entries with a line that is held for this gift card or store credit."
    )
    amount_at_least: Decimal | None = strawberry.field(
        default=None, description="Entries with a line of this amount or more, in the company's currency."
    )
    amount_at_most: Decimal | None = strawberry.field(
        default=None, description="Entries with a line of this amount or less, in the company's currency."
    )
    order_id: UUID | None = strawberry.field(default=None, description="Only the entries of this order.")
    performed_by: UUID | None = strawberry.field(
        default=None, description="Only the entries that this user posted by hand."
    )
    booked_from: date | None = strawberry.field(
        default=None, description="Entries that are booked on this day or later."
    )
    booked_through: date | None = strawberry.field(
        default=None, description="Entries that are booked on this day or before."
    )

    def as_filter(self) -> EntryFilter:
        """The domain's filter. Raises TooMany."""
        if self.kinds is not None and len(self.kinds) > MAX_KINDS:
            raise TooMany(f"At most {MAX_KINDS} kinds can be given.", field=("filter", "kinds"))
        return from_input(EntryFilter, self)


@strawberry.input(description="An account to add to the company's ledger.")
class LedgerAccountCreateInput:
    """Code, name and type."""

    code: str = strawberry.field(
        description=(
            "A new code of five to eight digits. The first digit says the type: 1 ASSET, 2 LIABILITY, 3 EQUITY, "
            "4 INCOME, 5 to 9 EXPENSE."
        )
    )
    name: str = strawberry.field(description="The name, 1 to 255 characters.")
    type: LedgerAccountType = strawberry.field(description="What it counts; it cannot be changed.")


@strawberry.input(description="The account of the ledger to change, and its new name.")
class LedgerAccountUpdateInput:
    """An id and a name."""

    id: UUID = strawberry.field(description="The id of any account of the company's ledger.")
    name: str = strawberry.field(description="The new name, 1 to 255 characters.")


@strawberry.input(description="A debit or a credit to post.")
class LedgerLineInput:
    """See AdjustmentLine."""

    account: str = strawberry.field(
        description="The code of a standard account or of one of the company, such as 1000 for the bank."
    )
    side: LedgerSide = strawberry.field(description="Whether the account is debited or credited.")
    amount: Decimal = strawberry.field(
        description="The amount above 0 in the company's currency, with at most its decimals."
    )
    tax_rate: Decimal | None = strawberry.field(
        default=None,
        description="The rate of an amount of sales or of tax, a fraction such as 0.19; null or absent for none.",
    )
    country: str | None = strawberry.field(
        default=None, description="The ISO 3166-1 code of the country that taxes it; null or absent for none."
    )


@strawberry.input(description="An entry to post to the ledger by hand.")
class LedgerAdjustmentCreateInput:
    """See NewAdjustment."""

    idempotency_key: str = strawberry.field(description=KEY)
    lines: list[LedgerLineInput] = strawberry.field(
        description="At least two lines and at most 50, whose debits equal their credits."
    )
    reason: str = strawberry.field(description="Why it is posted, 1 to 1,000 characters. It is kept with your name.")
    order_id: UUID | None = strawberry.field(
        default=None, description="The order that it belongs to; null or absent for none."
    )
    booked_on: date | None = strawberry.field(
        default=None,
        description="A day of the company's time zone within the last 90 days; null or absent for today.",
    )

    def as_new(self) -> NewAdjustment:
        """The domain's NewAdjustment."""
        lines = [from_input(AdjustmentLine, line) for line in self.lines]
        return NewAdjustment(lines=lines, reason=self.reason, order_id=self.order_id, booked_on=self.booked_on)


@strawberry.input(description="The adjustment of the ledger to reverse.")
class LedgerAdjustmentReverseInput:
    """An entry and the reason."""

    idempotency_key: str = strawberry.field(description=KEY)
    entry_id: UUID = strawberry.field(description="The id of an entry of the kind ADJUSTMENT.")
    reason: str = strawberry.field(
        description="Why it is reversed, 1 to 1,000 characters. It is kept with your name."
    )
