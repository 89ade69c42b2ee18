"""Inputs of the queries and mutations of shipping zones."""

from collections.abc import Sequence
from enum import StrEnum
from uuid import UUID

import strawberry
from strawberry import UNSET

from domains.kernel.pagination.keyset import Sort
from domains.shipping.models import ShippingZoneChanges, ShippingZoneType
from domains.shipping.zones import BY_NAME, OLDEST_FIRST
from gateway.graphql.core.enums import describe
from gateway.graphql.core.fields import from_input
from gateway.graphql.core.sorting import SortDirection
from gateway.graphql.shipping.zones import types  # noqa: F401 - it describes the enum used here

NAME = "The name that staff see, 1 to 255 characters."
TYPE = "What it consists of. COUNTRY, STATE and POSTAL_CODE have their list alone, REST_OF_WORLD has none."
COUNTRIES = "Whole countries as two letters of ISO 3166-1, at most 500."
STATES = (
    "States with their country, as in ISO 3166-2, at most 500: `DE-BY`; a name such as `CA-Québec` becomes its code."
)
POSTAL_CODES = "Postal codes by their beginnings or in ranges, at most 500 entries."
IS_ACTIVE = "Whether sales have its methods. Active zones must not contain the same place as specifically."


@strawberry.input(
    description=(
        "Postal codes of a country: either those that begin with `prefix`, or those from `from` to `to`. Spaces and "
        "hyphens do not count."
    )
)
class ShippingPostalCodesInput:
    """A prefix or a range."""

    country: str = strawberry.field(description="The country as two letters of ISO 3166-1.")
    prefix: str | None = strawberry.field(default=None, description="1 to 10 letters and digits: `SW1`.")
    from_: str | None = strawberry.field(
        name="from", default=None, description="The first code of a range, or what it begins with: `10115`."
    )
    to: str | None = strawberry.field(
        default=None, description="The last code of a range, as many letters and digits as `from`: `14199`."
    )


@strawberry.input(description="A shipping zone to create.")
class ShippingZoneCreateInput:
    """A new zone."""

    name: str = strawberry.field(description=NAME)
    type: ShippingZoneType = strawberry.field(description=TYPE)
    countries: list[str] = strawberry.field(default_factory=list, description=COUNTRIES)
    states: list[str] = strawberry.field(default_factory=list, description=STATES)
    postal_codes: list[ShippingPostalCodesInput] = strawberry.field(default_factory=list, description=POSTAL_CODES)
    is_active: bool = strawberry.field(default=True, description=IS_ACTIVE)


@strawberry.input(
    description=(
        "Changes to a shipping zone. Omitted fields do not change, but a new type empties the lists that it does not "
        "have; null empties a list and is refused elsewhere."
    )
)
class ShippingZoneUpdateInput:
    """A zone and its changes."""

    id: UUID = strawberry.field(description="The id of the shipping zone to change.")
    name: str | None = strawberry.field(default=UNSET, description=NAME)
    type: ShippingZoneType | None = strawberry.field(default=UNSET, description=TYPE)
    countries: list[str] | None = strawberry.field(default=UNSET, description=COUNTRIES)
    states: list[str] | None = strawberry.field(default=UNSET, description=STATES)
    postal_codes: list[ShippingPostalCodesInput] | None = strawberry.field(default=UNSET, description=POSTAL_CODES)
    is_active: bool | None = strawberry.field(default=UNSET, description=IS_ACTIVE)


@strawberry.input(description="The shipping zone to delete.")
class ShippingZoneDeleteInput:
    """A zone."""

    id: UUID = strawberry.field(description="The id of the shipping zone to delete, with its methods.")


def zone_changes(input: ShippingZoneCreateInput | ShippingZoneUpdateInput) -> ShippingZoneChanges:
    """The set fields of an input as the domain's changes."""
    changes = from_input(ShippingZoneChanges, input, exclude=("id",))
    if input.postal_codes:
        changes["postal_codes"] = _plain(input.postal_codes)
    return changes


def _plain(given: Sequence[ShippingPostalCodesInput]) -> list[dict[str, str | None]]:
    return [{"country": each.country, "prefix": each.prefix, "from": each.from_, "to": each.to} for each in given]


class ShippingZoneSortField(StrEnum):
    """The sort keys of shipping zones."""

    CREATED_AT = "created_at"
    NAME = "name"


describe(
    ShippingZoneSortField,
    "The fields that shipping zones can be sorted by.",
    {
        ShippingZoneSortField.CREATED_AT: "The time of creation.",
        ShippingZoneSortField.NAME: "The name, alphabetically.",
    },
)


@strawberry.input(description="The order of a list of shipping zones.")
class ShippingZoneSortInput:
    """A field and a direction."""

    field: ShippingZoneSortField = strawberry.field(
        default=ShippingZoneSortField.CREATED_AT, description="The value to sort by; the time of creation by default."
    )
    direction: SortDirection = strawberry.field(
        default=SortDirection.ASC, description="The direction; ascending by default."
    )

    def as_sort(self) -> Sort:
        """The kernel's Sort."""
        sort = BY_NAME if self.field is ShippingZoneSortField.NAME else OLDEST_FIRST
        return sort.running(descending=self.direction is SortDirection.DESC)
