"""Accounts, entries and lines of the ledger."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Final, Self
from uuid import UUID

from domains.ledger.data import LedgerAccountRow as LedgerAccount
from domains.ledger.data import LedgerAccountType, LedgerSide
from domains.ledger.data import LedgerBalanceRow as LedgerBalance
from domains.ledger.data import LedgerEntryRow as LedgerEntry
from domains.ledger.data import LedgerLineRow as LedgerLine

__all__ = [
    "NOTHING",
    "Account",
    "AccountTotals",
    "AdjustmentLine",
    "EntryFilter",
    "LedgerAccount",
    "LedgerAccountType",
    "LedgerBalance",
    "LedgerEntry",
    "LedgerLine",
    "LedgerSide",
    "Movement",
    "NewAdjustment",
    "NewEntry",
    "NewLine",
    "Source",
    "Totals",
    "credit",
    "debit",
]

NOTHING: Final = Decimal(0)
OPPOSITE: Final = {LedgerSide.DEBIT: LedgerSide.CREDIT, LedgerSide.CREDIT: LedgerSide.DEBIT}


@dataclass(frozen=True, slots=True)
class Account:
    """An account as domains declare it. Its first entry adds it to a company's chart of accounts."""

    code: str
    name: str
    type: LedgerAccountType


@dataclass(frozen=True, slots=True)
class Totals:
    """The sums of an account's debits and credits."""

    debit: Decimal
    credit: Decimal

    def balance(self, account_type: LedgerAccountType) -> Decimal:
        """What the account has on the side on which accounts of its type grow."""
        grows_by_debits = account_type in {LedgerAccountType.ASSET, LedgerAccountType.EXPENSE}
        return self.debit - self.credit if grows_by_debits else self.credit - self.debit


@dataclass(frozen=True, slots=True)
class Source:
    """What an entry is posted for: the kind of a row, such as `refund`, and its id."""

    kind: str
    id: UUID


@dataclass(frozen=True, slots=True)
class NewLine:
    """An amount on a side of an account; a negative amount counts on the other side.

    With a `subject_id`, such as a gift card's, it changes the subject's balance. Amounts of sales and of tax have the
    rate, a fraction, and the country in which they are taxed.
    """

    account: Account
    side: LedgerSide
    amount: Decimal
    subject_id: UUID | None = None
    tax_rate: Decimal | None = None
    country: str | None = None

    @property
    def signed(self) -> Decimal:
        """The amount, negative on the credit side."""
        return self.amount if self.side is LedgerSide.DEBIT else -self.amount

    def positive(self) -> Self:
        """The same line with an amount that is not negative."""
        return self if self.amount >= 0 else replace(self, side=OPPOSITE[self.side], amount=-self.amount)

    def reversed(self) -> Self:
        """The line on the other side."""
        return replace(self, side=OPPOSITE[self.side])


@dataclass(frozen=True, slots=True, kw_only=True)
class NewEntry:
    """An entry to post, whose lines balance; a line of zero is left out, and so is an entry without others.

    `source` has one entry of each `kind`. Amounts are in `currency`, at its scale. An entry by hand says who posted
    it and why. It is booked on the day of its posting.
    """

    kind: str
    source: Source
    currency: str
    lines: Sequence[NewLine]
    order_id: UUID | None = None
    reason: str | None = None
    performed_by: UUID | None = None
    booked_on: date | None = None


@dataclass(frozen=True, slots=True)
class AdjustmentLine:
    """A line that staff post: an amount above 0 in the company's currency, and the code of an account.

    A `tax_rate` is a fraction, a `country` its ISO 3166-1 code.
    """

    account: str
    side: LedgerSide
    amount: Decimal
    tax_rate: Decimal | None = None
    country: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewAdjustment:
    """An entry that staff post, with the reason. It is booked today unless `booked_on` says otherwise."""

    lines: Sequence[AdjustmentLine]
    reason: str
    order_id: UUID | None = None
    booked_on: date | None = None


@dataclass(frozen=True, slots=True)
class AccountTotals:
    """The sums of an account's lines by side, in `currency`; `balance` is on the side on which it grows."""

    debit: Decimal
    credit: Decimal
    balance: Decimal
    currency: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryFilter:
    """Conditions on entries, all of which must hold; None sets no condition.

    One line of the entry meets all conditions on lines: account, subject and amounts. The days are both included.
    """

    kinds: Sequence[str] | None = None
    account: str | None = None
    subject_id: UUID | None = None
    amount_at_least: Decimal | None = None
    amount_at_most: Decimal | None = None
    order_id: UUID | None = None
    performed_by: UUID | None = None
    booked_from: date | None = None
    booked_through: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Movement:
    """A change of the balance of a subject by an entry; `amount` is negative for what was taken from it."""

    entry_id: UUID
    subject_id: UUID
    kind: str
    amount: Decimal
    currency: str
    order_id: UUID | None
    reason: str | None
    created_at: datetime


def debit(
    account: Account,
    amount: Decimal,
    *,
    subject_id: UUID | None = None,
    tax_rate: Decimal | None = None,
    country: str | None = None,
) -> NewLine:
    """A line on the debit side."""
    return NewLine(account, LedgerSide.DEBIT, amount, subject_id, tax_rate, country)


def credit(
    account: Account,
    amount: Decimal,
    *,
    subject_id: UUID | None = None,
    tax_rate: Decimal | None = None,
    country: str | None = None,
) -> NewLine:
    """A line on the credit side."""
    return NewLine(account, LedgerSide.CREDIT, amount, subject_id, tax_rate, country)
