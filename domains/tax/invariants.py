"""Invariants of tax rates over whole tables, for `commerce doctor`."""

from typing import Final

from domains.kernel.invariants import Invariant
from domains.kernel.text.stored_texts import TextColumns, normalized_texts

INVARIANTS: Final = (
    Invariant(
        "No two rates of one tax, class and place are valid on the same day",
        """
        select a.company_id, a.name, a.country, a.province, a.postal_prefix, a.id, b.id as other_id
        from tax_rates a
        join tax_rates b on b.company_id = a.company_id and b.tax_class_id = a.tax_class_id and b.country = a.country
          and lower(b.name) = lower(a.name) and coalesce(b.province, '') = coalesce(a.province, '')
          and coalesce(b.postal_prefix, '') = coalesce(a.postal_prefix, '') and b.id > a.id
          and daterange(a.valid_from, a.valid_until, '[]') && daterange(b.valid_from, b.valid_until, '[]')
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
