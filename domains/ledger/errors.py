"""The errors of the ledger domain."""

from collections.abc import Sequence
from decimal import Decimal

from domains.kernel.errors import AlreadyExists, InvalidInput, NotAllowed, NotFound
from domains.kernel.values.money import round_half_up


class EntryUnbalanced(InvalidInput):
    """The debits and the credits of an entry differ, or it has no lines.

    `difference` is the debits without the credits, in `currency`.
    """

    def __init__(self, difference: Decimal, currency: str, *, field: Sequence[str] = ()) -> None:
        self.difference = round_half_up(difference, currency)
        self.currency = currency
        amount = f"{abs(self.difference):f} {currency}"
        more = f"Debits and credits differ by {amount}." if difference else "There is nothing to post."
        super().__init__(f"An entry needs debits and credits of the same amount. {more}", field=field)


class EntryCurrencyMismatch(InvalidInput):
    """An entry is not in the currency of its company."""

    def __init__(self, currency: str, expected: str, *, field: Sequence[str] = ()) -> None:
        super().__init__(f"Entries are posted in {expected}; {currency} is another currency.", field=field)


class ReportTooLarge(InvalidInput):
    """A report has more rows than one answer may have."""

    def __init__(self, max_rows: int, *, field: Sequence[str] = ("last_day",)) -> None:
        message = f"This report has more than {max_rows} rows. Choose fewer days or MONTH, or download it as CSV."
        super().__init__(message, field=field)


class BalanceTooLow(NotAllowed):
    """A balance has less than is to be taken from it."""

    def __init__(self, *, field: Sequence[str] = ()) -> None:
        super().__init__("The balance is too low for this amount.", field=field)


class LedgerAccountNotFound(NotFound):
    """The company's ledger has no account with this id or code."""

    def __init__(self, *, field: Sequence[str] = ("id",)) -> None:
        super().__init__("The ledger has no such account.", field=field)


class LedgerEntryNotFound(NotFound):
    """The company's ledger has no entry with this id."""

    def __init__(self, *, field: Sequence[str] = ("entry_id",)) -> None:
        super().__init__("The ledger has no such entry.", field=field)


class LedgerAccountCodeInvalid(InvalidInput):
    """The code of a new account of the ledger is not of the form for accounts of its type."""

    def __init__(self, account_type: str, digits: str, *, field: Sequence[str] = ("code",)) -> None:
        super().__init__(
            f"The code of a new account has 5 to 8 digits; of the type {account_type} it begins with {digits}. "
            "Shorter codes and those with letters are of the platform's own accounts.",
            field=field,
        )


class LedgerAccountCodeTaken(AlreadyExists):
    """The company's ledger has another account with this code."""

    def __init__(self, code: str, *, field: Sequence[str] = ("code",)) -> None:
        super().__init__(f"There is an account {code} already. Choose another code.", field=field)


class AccountNotAdjustable(NotAllowed):
    """Entries by hand cannot be posted to this account."""


class EntryNotReversible(NotAllowed):
    """The entry was posted by the platform, or is a reversal itself."""

    def __init__(self, kind: str, *, field: Sequence[str] = ("entry_id",)) -> None:
        super().__init__(f"This entry is of the kind {kind}; only an ADJUSTMENT can be reversed.", field=field)


class EntryAlreadyReversed(NotAllowed):
    """The adjustment was reversed before."""

    def __init__(self, *, field: Sequence[str] = ("entry_id",)) -> None:
        super().__init__("This adjustment is reversed already. Post another adjustment instead.", field=field)
