"""Stored events of gift cards and store credit, for `test_stored_events`."""

from typing import Any, Final

GONE: Final = "0198c5a2-7d1e-7c43-9f5a-3b1d5e6f7a8b"
USER: Final = "the user"
AMOUNT: Final = {"amount": "5.00", "currency": "EUR"}
ISSUED: Final = {"gift_card_id": GONE, "origin": "SOLD", **AMOUNT, "expires_at": None, "order_item_id": None}
TENDERS: Final[list[tuple[str, int, dict[str, Any], list[str]]]] = [
    ("gift_card.issued", 1, ISSUED, []),
    ("gift_card.updated", 1, {"gift_card_id": GONE, "changed": ["note"]}, []),
    ("gift_card.disabled", 1, {"gift_card_id": GONE}, []),
    ("gift_card.enabled", 1, {"gift_card_id": GONE}, []),
    ("gift_card.balance_adjusted", 1, {"gift_card_id": GONE, **AMOUNT}, []),
    ("gift_card.expired", 1, {"gift_card_id": GONE, **AMOUNT}, []),
    ("store_credit.adjusted", 1, {"store_credit_id": GONE, "user_id": USER, **AMOUNT}, []),
]
