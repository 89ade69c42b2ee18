"""The operations of the ledger."""

from typing import Any, Final

from domains.kernel.ids import new_id

CREATE_ACCOUNT: Final = """mutation ($input: LedgerAccountCreateInput!) { ledgerAccountCreate(input: $input) {
  account { id code name type debit { amount currency } credit { amount } balance { amount } }
  errors { code message path } } }"""
UPDATE_ACCOUNT: Final = """mutation ($input: LedgerAccountUpdateInput!) { ledgerAccountUpdate(input: $input) {
  account { id code name } errors { code message path } } }"""
ENTRY: Final = """id kind sourceKind sourceId orderId reason performedBy bookedOn
  lines { accountCode side amount { amount currency } taxRate country subjectId account { code name } }"""
ADJUST: Final = (
    "mutation ($input: LedgerAdjustmentCreateInput!) { ledgerAdjustmentCreate(input: $input) { entry { "
    + ENTRY
    + " } errors { code message path ... on EntryUnbalancedError { difference currency } } } }"
)
REVERSE: Final = (
    "mutation ($input: LedgerAdjustmentReverseInput!) { ledgerAdjustmentReverse(input: $input) { entry { "
    + ENTRY
    + " reverses { id reversedBy { id } } } errors { code message path } } }"
)
ACCOUNTS: Final = """query ($first: Int) { ledgerAccounts(first: $first) { totalCount nodes {
  id code name type debit { amount currency } credit { amount } balance { amount } } } }"""
ENTRIES: Final = """query ($filter: LedgerEntryFilterInput, $first: Int) {
  ledgerEntries(filter: $filter, first: $first) { totalCount nodes {
    id kind bookedOn createdAt reversedBy { id } reverses { id }
    lines { accountCode side amount { amount } account { name balance { amount } } } } } }"""
ONE: Final = "query ($id: ID!) { ledgerEntry(id: $id) { id kind lines { side } } }"
NODE: Final = "query ($id: ID!) { node(id: $id) { __typename id } }"
WITH_PEOPLE: Final = """query { ledgerEntries(first: 20) { nodes {
  performedBy performedByUser { id } order { id orderNumber } } } }"""
OF_ORDER: Final = "query ($id: ID!) { order(id: $id) { id ledgerEntries { id kind lines { accountCode } } } }"
OF_TRANSACTIONS: Final = """query { paymentTransactions(first: 20) { nodes {
  type ledgerEntries { kind lines { accountCode side amount { amount } } } } } }"""

FEE: Final[list[dict[str, Any]]] = [
    {"account": "6000", "side": "DEBIT", "amount": "2.50"},
    {"account": "1000", "side": "CREDIT", "amount": "2.5"},
]


def adjustment(lines: list[dict[str, Any]] | None = None, **given: Any) -> dict[str, Any]:
    """The input of an adjustment with a key of its own."""
    return {
        "idempotencyKey": str(new_id()),
        "reason": "Bank fee of May",
        "lines": FEE if lines is None else lines,
        **given,
    }


def reversal(entry_id: str, **given: Any) -> dict[str, Any]:
    """The input of a reversal with a key of its own."""
    return {"idempotencyKey": str(new_id()), "entryId": entry_id, "reason": "A mistake", **given}
