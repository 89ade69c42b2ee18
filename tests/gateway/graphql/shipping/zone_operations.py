"""The operations of shipping zones, methods and profiles."""

from typing import Any, Final

from domains.kernel.actor import Actor
from tests.gateway.site import Site

ZONE: Final = "id name type countries states postalCodes { country prefix from to } isActive"
RATE: Final = "minWeight maxWeight minAmount maxAmount rate"
METHOD: Final = f"""id name description type pickupWarehouseId carrierId carrier serviceType pricing currency
  basePrice
  pricePerKg pricePerItem freeFrom minDays maxDays minWeight maxWeight minAmount maxAmount position isActive
  configuration zone {{ name }} rates {{ {RATE} }} profiles {{ name }}"""
PROFILE: Final = "id name isDefault"


def _change(name: str, kind: str, shown: str) -> str:
    operation = name[0].lower() + name[1:]
    field = kind[0].lower() + kind[1:]
    return f"""mutation ($input: {name}Input!) {{ {operation}(input: $input) {{
      {field} {{ {shown} }} errors {{ code message path }} }} }}"""


def _delete(kind: str) -> str:
    operation = kind[0].lower() + kind[1:]
    return f"""mutation ($input: {kind}DeleteInput!) {{ {operation}Delete(input: $input) {{
      deletedId errors {{ code message path }} }} }}"""


CREATE_ZONE: Final = _change("ShippingZoneCreate", "ShippingZone", ZONE)
UPDATE_ZONE: Final = _change("ShippingZoneUpdate", "ShippingZone", ZONE)
DELETE_ZONE: Final = _delete("ShippingZone")
CREATE_METHOD: Final = _change("ShippingMethodCreate", "ShippingMethod", METHOD)
UPDATE_METHOD: Final = _change("ShippingMethodUpdate", "ShippingMethod", METHOD)
DELETE_METHOD: Final = _delete("ShippingMethod")
CREATE_PROFILE: Final = _change("ShippingProfileCreate", "ShippingProfile", PROFILE)
UPDATE_PROFILE: Final = _change("ShippingProfileUpdate", "ShippingProfile", PROFILE)
DELETE_PROFILE: Final = _delete("ShippingProfile")
ZONES: Final = f"""query ($search: String, $sortBy: ShippingZoneSortInput) {{
  shippingZones(first: 10, search: $search, sortBy: $sortBy) {{ totalCount nodes {{ name methods {{
    name rates {{ {RATE} }} profiles {{ name }} }} }} }} }}"""
ONE_ZONE: Final = "query ($id: ID!) { shippingZone(id: $id) { name methods { name } } }"
PROFILES: Final = f"{{ shippingProfiles(first: 10) {{ nodes {{ {PROFILE} }} }} }}"
NODE: Final = """query ($id: ID!) { node(id: $id) { id ... on ShippingZone { name } ... on ShippingMethod { name }
  ... on ShippingRate { rate } ... on ShippingProfile { name } } }"""


async def make_zone(site: Site, who: Actor, name: str = "World", **given: Any) -> str:
    """The id of a new zone: the rest of the world, or of what is given."""
    kind = "CUSTOM" if given else "REST_OF_WORLD"
    made = await site.do(CREATE_ZONE, who, name=name, type=kind, **given)
    return str(made["shippingZone"]["id"])


async def make_method(site: Site, who: Actor, zone_id: str, **given: Any) -> Any:
    """A new method for 4.90."""
    values = {"name": "Parcel", "basePrice": "4.90", **given}
    return (await site.do(CREATE_METHOD, who, zoneId=zone_id, **values))["shippingMethod"]
