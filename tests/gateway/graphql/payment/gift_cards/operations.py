"""The operations of gift cards and store credit."""

from typing import Any, Final

from domains.kernel.ids import new_id

CARD: Final = """id lastCharacters status origin initialAmount { amount currency } balance { amount currency }
  expiresAt disabledAt disabledReason recipientEmail note orderItemId createdAt updatedAt"""
CREATE: Final = (
    "mutation ($input: GiftCardCreateInput!) { giftCardCreate(input: $input) { giftCards { code giftCard { "
    + CARD
    + " } } errors { code message path } } }"
)
UPDATE: Final = """mutation ($input: GiftCardUpdateInput!) { giftCardUpdate(input: $input) {
  giftCard { id note expiresAt } errors { code message path } } }"""
DISABLE: Final = """mutation ($input: GiftCardDisableInput!) { giftCardDisable(input: $input) {
  giftCard { id status disabledReason } errors { code message path } } }"""
ENABLE: Final = """mutation ($input: GiftCardEnableInput!) { giftCardEnable(input: $input) {
  giftCard { id status disabledAt } errors { code message path } } }"""
ADJUST: Final = """mutation ($input: GiftCardBalanceAdjustInput!) { giftCardBalanceAdjust(input: $input) {
  giftCard { id balance { amount } transactions { kind amount { amount } reason orderId } }
  errors { code message path } } }"""
CHECK: Final = """mutation ($input: GiftCardBalanceCheckInput!) { giftCardBalanceCheck(input: $input) {
  giftCard { lastCharacters status balance { amount currency } expiresAt } errors { code message path } } }"""
CARDS: Final = """query ($filter: GiftCardFilterInput, $search: String, $first: Int) {
  giftCards(filter: $filter, search: $search, first: $first) { totalCount nodes {
    id lastCharacters status balance { amount } transactions { kind amount { amount } } } } }"""
ONE: Final = "query ($id: ID!) { giftCard(id: $id) { id issuedByUser { id } } }"
NODE: Final = "query ($id: ID!) { node(id: $id) { __typename id } }"
ISSUE: Final = """mutation ($input: StoreCreditIssueInput!) { storeCreditIssue(input: $input) {
  storeCredit { id userId balance { amount currency } } errors { code message path } } }"""
DEDUCT: Final = """mutation ($input: StoreCreditDeductInput!) { storeCreditDeduct(input: $input) {
  storeCredit { id balance { amount } } errors { code message path } } }"""
MINE: Final = """query { me { storeCredit {
  id balance { amount currency } createdAt transactions { kind amount { amount } orderId } } } }"""
REASONS: Final = "query { me { storeCredit { transactions { reason } } } }"
USERS: Final = """query { users(first: 20) { nodes { id storeCredit {
  balance { amount } transactions { kind reason } } } } }"""


def cards(*new: dict[str, Any]) -> dict[str, Any]:
    """The input of cards to issue, with a key of its own."""
    return {"idempotencyKey": str(new_id()), "cards": [*new]}


def change(amount: str, **given: Any) -> dict[str, Any]:
    """The input of a change of a balance, with a key of its own."""
    return {"idempotencyKey": str(new_id()), "amount": amount, "reason": "A bonus", **given}
