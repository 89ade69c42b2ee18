"""SQL of shipping that the generated verbs cannot express; the company is always its first parameter."""

from dataclasses import fields
from typing import Final

from domains.kernel.database import Reader, Tx
from domains.kernel.prisma.runtime import fetch_parts
from domains.kernel.prisma.statements import Part, PartRows
from domains.shipping import data
from domains.shipping.models import ShippingMethod, ShippingRate, ShippingZone

ZONE_WIDTH: Final = len(fields(ShippingZone))
METHOD_WIDTH: Final = len(fields(ShippingMethod))
RATE_WIDTH: Final = len(fields(ShippingRate))
# The text separates this key from those of other advisory locks.
LOCK_CONFIGURATION: Final = "select pg_advisory_xact_lock(hashtextextended($1::uuid::text || 'shipping', 17))"
_ZONES: Final = f"""shipping_zone_rows as (
  select {data.shipping_zone.columns()} from shipping_zones where company_id = $1 and is_active
)"""
_METHODS: Final = f"""shipping_method_rows as (
  select {data.shipping_method.columns("m")}, array(
    select profile_id from shipping_method_profiles p where p.company_id = $1 and p.method_id = m.id) as profile_ids
  from shipping_methods m where m.company_id = $1 and m.is_active
)"""
_RATES: Final = f"""shipping_rate_rows as (
  select {data.shipping_rate.columns("r")} from shipping_rates r
  join shipping_methods m on m.company_id = $1 and m.id = r.method_id and m.is_active
  where r.company_id = $1
)"""
_DEFAULT: Final = """shipping_default_profile as (
  select id as default_profile_id from shipping_profiles where company_id = $1 and is_default
)"""


async def read_configuration(db: Reader) -> list[PartRows]:
    """The active zones, the active methods with the ids of their profiles, their rates, and the default profile."""
    return await fetch_parts(
        db,
        [
            _part(db, _ZONES, "shipping_zone_rows", ZONE_WIDTH),
            _part(db, _METHODS, "shipping_method_rows", METHOD_WIDTH + 1),
            _part(db, _RATES, "shipping_rate_rows", RATE_WIDTH),
            _part(db, _DEFAULT, "shipping_default_profile", 1),
        ],
    )


def _part(db: Reader, ctes: str, result: str, width: int) -> Part:
    return Part(ctes, [db.company_id], result, f"{result}.*", width)


async def lock_configuration(tx: Tx) -> None:
    """Wait until no other transaction changes the zones, methods and profiles of the company."""
    await tx.execute(LOCK_CONFIGURATION, tx.company_id)
