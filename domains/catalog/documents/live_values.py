"""Values of products that are not in documents, because they change by themselves or are long."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final, NamedTuple, TypeAlias
from uuid import UUID

Units: TypeAlias = Mapping[UUID | None, int]
"""The available units of a product's variants by id, and of the product itself under None; others have none."""
NO_UNITS: Final[Units] = {}


class LiveValue(StrEnum):
    """A value that is read with products when it is asked for, under the name of its column where it has one."""

    UNITS = "units"
    DESCRIPTION = "description"
    LONG_DESCRIPTION = "long_description"
    VIEW_COUNT = "view_count"


@dataclass(frozen=True, slots=True)
class LiveValues:
    """The values that a caller asks for; a read of products adds those that it has found, by product."""

    asked: frozenset[LiveValue] = frozenset()
    found: dict[LiveValue, dict[UUID, Any]] = field(default_factory=dict)

    def add(self, records: Sequence[Any]) -> None:
        """Add the values of records that begin with the product's id and have those of `live_columns`."""
        for value in self.asked:
            found = self.found.setdefault(value, {})
            if value is LiveValue.UNITS:
                for record in records:
                    found[record[0]] = units_of(record["live_variants"], record["live_units"])
            else:
                for record in records:
                    found[record[0]] = record[f"live_{value}"]


_UNITS: Final = """
    cross join lateral (
        select array_agg(i.variant_id) as variants, array_agg(i.available) as available
        from {stock} i where i.company_id = $1 and i.product_id = p.id
    ) units
"""


class LiveColumns(NamedTuple):
    """The columns of live values in a statement over products `p`, each after a comma, and their joins."""

    columns: str = ""
    joins: str = ""


def live_columns(asked: Iterable[LiveValue], stock: str) -> LiveColumns:
    """The columns of live values; `stock` is the inventory's SQL of available units by product and variant."""
    columns, joins = "", ""
    for value in asked:
        if value is LiveValue.UNITS:
            columns += ", units.variants as live_variants, units.available as live_units"
            joins = _UNITS.format(stock=stock)
        else:
            columns += f", p.{value} as live_{value}"
    return LiveColumns(columns, joins)


def units_of(variant_ids: Sequence[UUID | None] | None, units: Sequence[int] | None) -> Units:
    """Units by variant, of each of which there is one stock."""
    return NO_UNITS if variant_ids is None or units is None else dict(zip(variant_ids, units, strict=True))
