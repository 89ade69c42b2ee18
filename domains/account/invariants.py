"""Rules over the texts of accounts, for `commerce doctor`."""

from typing import Final

from domains.kernel.text.stored_texts import TextColumns, normalized_texts

TEXTS: Final = (
    TextColumns(
        table="addresses",
        texts=(
            *("full_name", "company_name", "address_line_1", "address_line_2", "city", "postal_code", "province"),
            "phone",
        ),
    ),
    TextColumns(table="buyer_orders", keys=("email",), id="order_id"),
)
ROW_INVARIANTS: Final = (normalized_texts("address books and buyer history", TEXTS),)
