"""Invariants of shipping zones over whole tables, for `commerce doctor`."""

from typing import Final

from domains.kernel.invariants import Invariant
from domains.kernel.text.stored_texts import TextColumns, normalized_texts

_PLACES: Final = """
  select company_id, id, name, 'country' as kind, unnest(countries) as place from shipping_zones where is_active
  union all
  select company_id, id, name, 'state', unnest(states) from shipping_zones where is_active
  union all
  select company_id, id, name, 'postal codes', concat_ws(' ', p ->> 'country', p ->> 'prefix')
  from shipping_zones cross join jsonb_array_elements(postal_codes) p where is_active and p ? 'prefix'
"""
INVARIANTS: Final = (
    Invariant(
        "No two active shipping zones contain the same country, state or postal prefix",
        f"""
        select company_id, kind, place, array_agg(distinct id) as zone_ids from ({_PLACES}) places
        group by 1, 2, 3 having count(distinct id) > 1 limit 20
        """,  # noqa: S608 - made here
        "Zones were written outside the shipping domain. Remove the place from all but one of them.",
    ),
    Invariant(
        "The shipping settings say whether a company has zones",
        """
        select c.id as company_id, coalesce(s.has_zones, false) as has_zones from companies c
        left join shipping_settings s on s.company_id = c.id
        where coalesce(s.has_zones, false) <> exists (select from shipping_zones z where z.company_id = c.id) limit 20
        """,
        "Zones were written outside the shipping domain. Set has_zones to whether the company has zones.",
    ),
    Invariant(
        "The amounts of shipping methods are in the currency of their company",
        """
        select m.company_id, m.id, m.name, m.currency from shipping_methods m join companies c on c.id = m.company_id
        where m.currency <> c.currency limit 20
        """,
        "The currency was changed outside the company domain. Set the amounts and the currency of the method.",
    ),
)
TEXTS: Final = (
    TextColumns(table="shipping_zones", texts=("name", "states[]")),
    TextColumns(table="shipping_methods", texts=("name", "description")),
    TextColumns(table="shipping_profiles", texts=("name",)),
    TextColumns(table="carriers", texts=("name",), urls=("api_endpoint",)),
    TextColumns(table="shipping_labels", texts=("service",)),
    TextColumns(table="shipments", texts=("carrier_name", "method_name")),
    TextColumns(table="shipment_lines", keys=("sku",)),
    TextColumns(table="shipment_tracking", texts=("location", "description")),
)
ROW_INVARIANTS: Final = (normalized_texts("shipping", TEXTS),)
