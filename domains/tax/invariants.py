"""Invariants of tax rates over whole tables, for `commerce doctor`."""

from typing import Final

from domains.kernel.invariants import Invariant
from domains.kernel.text.stored_texts import TextColumns, normalized_texts

INVARIANTS: Final = (
    Invariant(
        "No two rates of one tax, class and place are valid on the same day",
        """
        select company_id, name, country, province, postal_prefix, id, other_id
        from (
          select r.*, lag(id) over earlier as other_id,
            max(coalesce(valid_until, 'infinity')) over (earlier rows between unbounded preceding and 1 preceding)
              as reached
          from tax_rates r
          window earlier as (
            partition by company_id, tax_class_id, country, lower(name), coalesce(province, ''),
              coalesce(postal_prefix, '')
            order by valid_from, id)) r
        where reached >= valid_from
        limit 20
        """,
        "Rates were written outside the tax domain. Change the days of one of the two rates, or delete it.",
    ),
)
TEXTS: Final = (
    TextColumns(table="tax_classes", texts=("name",)),
    TextColumns(table="tax_rates", texts=("name", "province")),
    TextColumns(table="tax_settings", texts=("tax_province",), id="company_id"),
)
ROW_INVARIANTS: Final = (normalized_texts("taxes", TEXTS),)
