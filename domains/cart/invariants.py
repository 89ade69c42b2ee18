"""Invariants of carts over whole tables, for `commerce doctor`."""

from typing import Final

from domains.cart.settings import MAX_LINE_UNITS, MAX_LINES
from domains.kernel.invariants import Invariant
from domains.kernel.text.stored_texts import TextColumns, normalized_texts

INVARIANTS: Final = (
    Invariant(
        "Carts keep within their limits",
        f"select company_id, cart_id, count(*) as lines, max(quantity) as units from cart_items "  # noqa: S608
        f"group by company_id, cart_id having count(*) > {MAX_LINES} or max(quantity) > {MAX_LINE_UNITS} limit 20",
        "Carts were written outside the cart domain. Lower the quantities, or delete lines.",
    ),
    Invariant(
        "A cart's line names a variant of its product",
        "select i.company_id, i.cart_id, i.id from cart_items i "
        "join product_variants v on v.company_id = i.company_id and v.id = i.variant_id "
        "where v.product_id <> i.product_id limit 20",
        "These lines cannot be bought: delete them.",
    ),
    Invariant(
        "A cart's lines are in its currency",
        "select i.company_id, i.cart_id, i.id, i.currency, c.currency as currency_of_cart from cart_items i "
        "join carts c on c.company_id = i.company_id and c.id = i.cart_id where i.currency <> c.currency limit 20",
        "A currency was changed in the database. Delete these carts; their buyers can create new ones.",
    ),
    Invariant(
        "Expired carts are deleted",
        "select company_id, id, expires_at from carts where expires_at < now() - interval '2 days' limit 20",
        "Check that `commerce serve` or `commerce worker` is running; its log has the errors of the job.",
    ),
)
TEXTS: Final = (
    TextColumns(
        table="carts",
        texts=("destination_province", "destination_postal_code"),
        keys=("confirmed_email",),
    ),
)
ROW_INVARIANTS: Final = (normalized_texts("carts", TEXTS),)
