"""Invariants of the taxes of orders, for `commerce doctor`."""

from typing import Final

from domains.kernel.invariants import Invariant

# The amounts of each line and of shipping. Null stands for shipping.
AMOUNTS: Final = """
select company_id, order_id, id as order_item_id, total_price as total, tax_amount as tax, tax_rate as rate
from order_items
union all
select o.company_id, o.id, null, o.shipping_cost, o.tax_amount - coalesce(i.tax, 0), null
from orders o
left join (select company_id, order_id, sum(tax_amount) as tax from order_items group by 1, 2) i
  on i.company_id = o.company_id and i.order_id = o.id
"""
# The same by their taxes. Each tax of a line, or of a part of shipping, is of all of it.
TAXED: Final = """
select company_id, order_id, order_item_id, sum(taxable) + sum(tax) as total, sum(tax) as tax,
  case when order_item_id is not null then sum(rate) end as rate, bool_and(is_of_all) as is_of_all
from (
  select company_id, order_id, order_item_id, sum(rate) as rate, max(taxable) as taxable, sum(amount) as tax,
    max(taxable) = min(taxable) as is_of_all
  from order_taxes group by company_id, order_id, order_item_id, part
) parts group by 1, 2, 3
"""
ADVICE: Final = "An order was written outside the order domain. `commerce doctor --order NUMBER` shows its timeline."

INVARIANTS: Final = (
    Invariant(
        "The taxes of each line of an order and of its shipping add up to its tax, and with the taxable amount to it",
        f"""
        select o.company_id, o.order_number, coalesce(a.order_item_id, t.order_item_id) as order_item, a.total,
          t.total as total_of_taxes, a.tax, t.tax as taxes, a.rate, t.rate as rate_of_taxes
        from ({AMOUNTS}) a
        full join ({TAXED}) t on t.company_id = a.company_id and t.order_id = a.order_id
          and coalesce(t.order_item_id, t.order_id) = coalesce(a.order_item_id, a.order_id)
        join orders o on o.company_id = coalesce(a.company_id, t.company_id)
          and o.id = coalesce(a.order_id, t.order_id)
        where (a.total, a.tax) is distinct from (coalesce(t.total, 0), coalesce(t.tax, 0))
          or a.rate <> t.rate or not t.is_of_all
        limit 20
        """,  # noqa: S608 - constants
        ADVICE,
    ),
    Invariant(
        "The taxes of each order are in its currency",
        """
        select o.company_id, o.order_number, o.currency, t.currency as currency_of_tax
        from order_taxes t join orders o on o.company_id = t.company_id and o.id = t.order_id
        where t.currency <> o.currency
        limit 20
        """,
        ADVICE,
    ),
)
