"""The errors of the ledger domain."""

from collections.abc import Sequence
from decimal import Decimal

from domains.kernel.errors import InvalidInput, NotAllowed
from domains.kernel.values.money import round_half_up


class EntryUnbalanced(InvalidInput):
    """The debits and the credits of an entry differ, or it has fewer than two lines."""

    def __init__(self, difference: Decimal, currency: str, *, field: Sequence[str] = ()) -> None:
        amount = f"{round_half_up(abs(difference), currency):f} {currency}"
        more = f"Debits and credits differ by {amount}." if difference else "There is nothing to post."
        super().__init__(f"An entry needs debits and credits of the same amount. {more}", field=field)


class EntryCurrencyMismatch(InvalidInput):
    """An entry is not in the currency of its company."""

    def __init__(self, currency: str, expected: str, *, field: Sequence[str] = ()) -> None:
        super().__init__(f"Entries are posted in {expected}; {currency} is another currency.", field=field)


class BalanceTooLow(NotAllowed):
    """A balance has less than is to be taken from it."""

    def __init__(self, *, field: Sequence[str] = ()) -> None:
        super().__init__("The balance is too low for this amount.", field=field)
