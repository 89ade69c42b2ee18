"""The standard chart of accounts. A domain that needs another account declares it next to its postings."""

from functools import cache
from typing import Final

from domains.ledger.models import Account, LedgerAccountType

BANK: Final = Account("1000", "Bank", LedgerAccountType.ASSET)
UNDEPOSITED: Final = Account("1050", "Undeposited payments", LedgerAccountType.ASSET)
RECEIVABLE: Final = Account("1100", "Accounts receivable", LedgerAccountType.ASSET)
EXCHANGES: Final = Account("1150", "Exchanges", LedgerAccountType.ASSET)
SUSPENSE: Final = Account("1900", "Suspense", LedgerAccountType.ASSET)
TAX_PAYABLE: Final = Account("2000", "Tax payable", LedgerAccountType.LIABILITY)
GIFT_CARDS: Final = Account("2100", "Gift cards", LedgerAccountType.LIABILITY)
GIFT_CARDS_SOLD: Final = Account("2110", "Gift cards sold and not issued", LedgerAccountType.LIABILITY)
STORE_CREDIT: Final = Account("2200", "Store credit", LedgerAccountType.LIABILITY)
SALES: Final = Account("4000", "Sales", LedgerAccountType.INCOME)
SHIPPING: Final = Account("4100", "Shipping", LedgerAccountType.INCOME)
BREAKAGE: Final = Account("4200", "Expired gift cards and store credit", LedgerAccountType.INCOME)
ALLOWANCES: Final = Account("4900", "Sales allowances", LedgerAccountType.INCOME)
FEES: Final = Account("6000", "Payment fees", LedgerAccountType.EXPENSE)
CHARGEBACKS: Final = Account("6100", "Chargebacks", LedgerAccountType.EXPENSE)
PROMOTIONAL_CREDIT: Final = Account("6200", "Promotional credit", LedgerAccountType.EXPENSE)
CLEARING_CODE: Final = "1200"
STANDARD: Final = {
    account.code: account
    for account in (
        BANK,
        UNDEPOSITED,
        RECEIVABLE,
        EXCHANGES,
        SUSPENSE,
        TAX_PAYABLE,
        GIFT_CARDS,
        GIFT_CARDS_SOLD,
        STORE_CREDIT,
        SALES,
        SHIPPING,
        BREAKAGE,
        ALLOWANCES,
        FEES,
        CHARGEBACKS,
        PROMOTIONAL_CREDIT,
    )
}
"""The accounts that each company has, by code, also before their first entry."""
HELD: Final = frozenset({GIFT_CARDS.code, STORE_CREDIT.code})
"""Accounts whose lines are held for subjects, which have balances."""


@cache
def clearing(provider: str) -> Account:
    """What a payment provider has captured and not paid out; one account for each provider."""
    return Account(f"{CLEARING_CODE}.{provider}", f"Payment clearing: {provider}", LedgerAccountType.ASSET)
