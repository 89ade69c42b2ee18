"""Rules over the texts of accounts, for `commerce doctor`."""

from typing import Final

from domains.kernel.text.stored_texts import Texts, texts_normalized

TEXTS: Final = (
    Texts(
        table="addresses",
        texts=(
            *("full_name", "company_name", "address_line_1", "address_line_2", "city", "postal_code", "province"),
            "phone",
        ),
    ),
    Texts(table="buyer_orders", keys=("email",), id="order_id"),
)
INSPECTIONS: Final = (texts_normalized("address books and buyer history", TEXTS),)
