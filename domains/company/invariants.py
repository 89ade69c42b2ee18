"""Rules of the companies of the whole installation, checked by `commerce doctor`."""

from collections.abc import Sequence
from typing import Final

from domains.kernel.invariants import Invariant
from domains.kernel.text.stored_texts import TextColumns, normalized_texts

INVARIANTS: Final = (
    Invariant(
        "There is an active default company",
        "select 'default' as slug where not exists (select from companies where slug = 'default' and is_active)",
        "Requests that name no company fail. Set is_active of the company with the slug 'default'.",
    ),
)
TEXTS: Final = (TextColumns(table="companies", texts=("name",), keys=("slug",)),)
ROW_INVARIANTS: Final = (normalized_texts("companies", TEXTS),)


def amounts_in_currency(tables: Sequence[str]) -> Invariant:
    """The rule that every amount in these tables is in its company's currency."""
    selects = (f"select company_id, '{table}' as table_name, currency from {table}" for table in tables)  # noqa: S608
    amounts = " union ".join(selects)  # the names come from the domains' declarations
    return Invariant(
        "Every amount is in its company's currency",
        f"""
        select companies.slug, amounts.table_name, amounts.currency from companies join ({amounts}) as amounts
        on amounts.company_id = companies.id and amounts.currency <> companies.currency limit 20
        """,  # noqa: S608 - as above
        "A currency was changed in the database. Change it back: amounts are never converted.",
    )
