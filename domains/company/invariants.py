"""What must hold of companies over the whole installation, for `commerce doctor`."""

from typing import Final

from domains.kernel.invariants import Invariant
from domains.kernel.text.stored_texts import Texts, in_form

INVARIANTS: Final = (
    Invariant(
        "There is an active default company",
        "select 'default' as slug where not exists (select from companies where slug = 'default' and is_active)",
        "Requests that name no company find none. Set is_active of the company with the slug 'default'.",
    ),
    Invariant(
        "Every amount is in its company's currency",
        """
select companies.slug, amounts.place, amounts.currency from companies join (
    select company_id, 'products' as place, currency from products
    union select company_id, 'promotions', currency from promotions
    union select company_id, 'carts', currency from carts
    union select company_id, 'cart_items', currency from cart_items
    union select company_id, 'orders', currency from orders
    union select company_id, 'order_items', currency from order_items
    union select company_id, 'order_promotions', currency from order_promotions
    union select company_id, 'payments', currency from payments
    union select company_id, 'refunds', currency from refunds
) as amounts on amounts.company_id = companies.id and amounts.currency <> companies.currency
limit 20
""",
        "Somebody changed a currency past the application. Set it back: amounts are never converted.",
    ),
)
TEXTS: Final = (Texts(table="companies", texts=("name",), keys=("slug",)),)
INSPECTIONS: Final = (in_form("companies", TEXTS),)
