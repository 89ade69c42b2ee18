"""Entries that staff post by hand, and their reversals: each with who posted it and why."""

import re
from datetime import date, timedelta
from decimal import Decimal
from typing import Final
from uuid import UUID

import asyncpg

from domains.company.models import Company
from domains.company.service import CompanyService
from domains.kernel.database import Tx
from domains.kernel.errors import InvalidInput, OutOfRange, TooMany, TooManyDecimals, Unauthenticated
from domains.kernel.ids import new_id
from domains.kernel.text.validation import LINE_LENGTH, normalize_key, require_text
from domains.kernel.validation import collect_errors, prefix_errors
from domains.kernel.values.money import require_amount
from domains.ledger import chart, data
from domains.ledger.accounts import Accounts
from domains.ledger.entries import Entries, booking_day
from domains.ledger.errors import (
    AccountNotAdjustable,
    EntryAlreadyReversed,
    EntryNotReversible,
    EntryUnbalanced,
    LedgerAccountNotFound,
    LedgerEntryNotFound,
)
from domains.ledger.events import LedgerAdjusted
from domains.ledger.models import (
    NOTHING,
    Account,
    LedgerAccountType,
    LedgerEntry,
    LedgerSide,
    NewAdjustment,
    NewEntry,
    NewLine,
    Source,
)

ADJUSTMENT: Final = "ADJUSTMENT"
REVERSAL: Final = "ADJUSTMENT_REVERSAL"
ENTRY: Final = "ledger_entry"
MAX_LINES: Final = 50
MAX_DAYS_BACK: Final = 90
COUNTRY: Final = re.compile("[A-Z]{2}")
RATE_PLACES: Final = Decimal("0.000001")
_LINES: Final = """
select l.account, a.name, a.type, l.side, l.amount, l.tax_rate, l.country
from ledger_lines l join ledger_accounts a on a.company_id = l.company_id and a.code = l.account
where l.company_id = $1 and l.entry_id = $2 order by l.position
"""


class Adjustments:
    """Posts entries by hand. Entries are never changed: a wrong one is reversed by another."""

    def __init__(self, company: CompanyService, entries: Entries, accounts: Accounts) -> None:
        self._company = company
        self._entries = entries
        self._accounts = accounts

    async def create(self, tx: Tx, new: NewAdjustment) -> LedgerEntry:
        """Post an adjustment of the transaction's user. Two statements. The caller checks the order.

        Raises, of all fields at once, Required and TooLong for the reason, OutOfRange for a day after today or more
        than 90 days ago, and for each line LedgerAccountNotFound, AccountNotAdjustable, OutOfRange, TooManyDecimals
        and InvalidInput; then EntryUnbalanced. Raises TooMany for more than 50 lines, Unauthenticated without a user.
        Emits LedgerAdjusted.
        """
        company = await self._company.current(tx)
        with collect_errors() as errors:
            with errors:
                reason = require_text(new.reason, field=("reason",), max_length=LINE_LENGTH)
            with errors:
                booked_on = _require_day(new.booked_on, booking_day(company, tx.clock.now()))
            with errors:
                lines = await self._lines(tx, new, company)
        entry = NewEntry(
            kind=ADJUSTMENT,
            source=Source("ledger_adjustment", new_id()),
            currency=company.currency,
            lines=lines,
            order_id=new.order_id,
            reason=reason,
            performed_by=_user_id(tx),
            booked_on=booked_on,
        )
        posted = await self._entries.post(tx, entry)
        tx.emit(LedgerAdjusted(entry_id=posted.id, order_id=posted.order_id, reversed_entry_id=None))
        return posted

    async def reverse(self, tx: Tx, entry_id: UUID, reason: str) -> LedgerEntry:
        """Post the entry that reverses an adjustment, booked today, and return it. Three statements.

        Raises LedgerEntryNotFound, EntryNotReversible, EntryAlreadyReversed also when another request reverses it at
        the same time, Required and TooLong for the reason, Unauthenticated without a user. Emits LedgerAdjusted.
        """
        with collect_errors() as errors:
            with errors:
                reason = require_text(reason, field=("reason",), max_length=LINE_LENGTH)
            with errors:
                entry = await _require_adjustment(tx, entry_id)
        reversal = NewEntry(
            kind=REVERSAL,
            source=Source(ENTRY, entry.id),
            currency=entry.currency,
            lines=[line.reversed() for line in await _lines_of(tx, entry.id)],
            order_id=entry.order_id,
            reason=reason,
            performed_by=_user_id(tx),
        )
        try:
            posted = await self._entries.post(tx, reversal)
        except asyncpg.UniqueViolationError as error:
            raise EntryAlreadyReversed from error
        tx.emit(LedgerAdjusted(entry_id=posted.id, order_id=posted.order_id, reversed_entry_id=entry.id))
        return posted

    async def _lines(self, tx: Tx, new: NewAdjustment, company: Company) -> list[NewLine]:
        """The lines, which balance; the field of an error begins with `lines`."""
        if len(new.lines) > MAX_LINES:
            raise TooMany(f"An adjustment has at most {MAX_LINES} lines.", field=("lines",))
        codes = [normalize_key(line.account) for line in new.lines]
        known, held = await self._accounts.postable(tx, codes)
        lines: list[NewLine] = []
        with collect_errors() as errors:
            for index, (code, line) in enumerate(zip(codes, new.lines, strict=True)):
                with errors, prefix_errors(("lines", str(index))), collect_errors() as each:
                    with each:
                        account = _require_adjustable(known.get(code), held, of_order=new.order_id is not None)
                    with each:
                        amount = _require_amount(line.amount, company.currency)
                    with each:
                        rate = _require_rate(line.tax_rate)
                    with each:
                        country = _require_country(line.country)
                    if not each.collected:
                        lines.append(NewLine(account, line.side, amount, None, rate, country))
        if (rest := sum((line.signed for line in lines), NOTHING)) or not lines:
            raise EntryUnbalanced(rest, company.currency, field=("lines",))
        return lines


def _user_id(tx: Tx) -> UUID:
    if tx.actor.user_id is None:
        raise Unauthenticated("Log in to post to the ledger.")
    return tx.actor.user_id


def _require_day(day: date | None, today: date) -> date:
    first = today - timedelta(days=MAX_DAYS_BACK)
    if day is not None and not first <= day <= today:
        raise OutOfRange(f"The day must be from {first} to {today}, which is today.", field=("booked_on",))
    return day or today


def _require_adjustable(account: Account | None, held: frozenset[str], *, of_order: bool) -> Account:
    """The account, unless its balance is that of subjects or of an order, which follow what they belong to."""
    if account is None:
        raise LedgerAccountNotFound(field=("account",))
    if account.code in held:
        raise AccountNotAdjustable(
            f"The account {account.code} is the sum of balances, such as those of gift cards. Change one of these "
            "instead.",
            field=("account",),
        )
    if of_order and account.code == chart.RECEIVABLE.code:
        raise AccountNotAdjustable(
            f"What an order owes ({account.code}) follows its payments and refunds. Post without the order, or "
            "refund it.",
            field=("account",),
        )
    return account


def _require_amount(amount: Decimal, currency: str) -> Decimal:
    exact = require_amount(amount, currency, field=("amount",))
    if not exact:
        raise OutOfRange("The amount of a line is above 0; the side says where it counts.", field=("amount",))
    return exact


def _require_rate(rate: Decimal | None) -> Decimal | None:
    if rate is None:
        return None
    if not rate.is_finite() or not 0 <= rate < 1:
        raise OutOfRange("A tax rate is a fraction from 0 to below 1: 0.19 is 19 %.", field=("tax_rate",))
    if rate != rate.quantize(RATE_PLACES):
        raise TooManyDecimals("A tax rate has at most six decimal places: 0.190000.", field=("tax_rate",))
    return rate


def _require_country(country: str | None) -> str | None:
    if country is None:
        return None
    code = normalize_key(country).upper()
    if not COUNTRY.fullmatch(code):
        raise InvalidInput("A country is given by its ISO 3166-1 code, such as DE.", field=("country",))
    return code


async def _require_adjustment(tx: Tx, entry_id: UUID) -> LedgerEntry:
    entry = await data.ledger_entry.find_unique(tx, id=entry_id)
    if entry is None:
        raise LedgerEntryNotFound
    if entry.kind != ADJUSTMENT:
        raise EntryNotReversible(entry.kind)
    return entry


async def _lines_of(tx: Tx, entry_id: UUID) -> list[NewLine]:
    """The lines of an adjustment, which have no subjects."""
    return [
        NewLine(
            Account(row["account"], row["name"], LedgerAccountType(row["type"])),
            LedgerSide(row["side"]),
            row["amount"],
            None,
            row["tax_rate"],
            row["country"],
        )
        for row in await tx.fetch(_LINES, tx.company_id, entry_id)
    ]
