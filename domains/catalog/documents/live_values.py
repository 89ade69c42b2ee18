"""Values of products that are not in documents, because they change by themselves or are long."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from struct import Struct
from typing import Any, Final, NamedTuple
from uuid import UUID

_ENTRY: Final = Struct(">16si")
_OF_PRODUCT: Final = bytes(16)


class Units:
    """The available units of a product's variants by id, and of the product itself under None; others have none.

    They are equal when their octets are, and unpacked when one is asked for: each variant's id, zero for the product
    itself, and its units, in the order of the ids.
    """

    __slots__ = ("_by_id", "_octets")

    def __init__(self, octets: bytes | None = None) -> None:
        self._octets = octets
        self._by_id: dict[bytes, int] | None = None

    def get(self, variant_id: UUID | None) -> int:
        """The units of a variant, or of the product itself."""
        if self._by_id is None:
            self._by_id = dict(_ENTRY.iter_unpack(self._octets or b""))
        return self._by_id.get(_OF_PRODUCT if variant_id is None else variant_id.bytes, 0)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Units) and self._octets == other._octets

    def __hash__(self) -> int:
        return hash(self._octets)


NO_UNITS: Final = Units()


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
            column = f"live_{value}"
            if value is LiveValue.UNITS:
                found.update({record[0]: Units(record[column]) for record in records})
            else:
                found.update({record[0]: record[column] for record in records})


_UNITS: Final = """
    cross join lateral (
        select string_agg(
            uuid_send(coalesce(i.variant_id, '00000000-0000-0000-0000-000000000000')) || int4send(i.available), ''
            order by i.variant_id) as octets
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
            columns += ", units.octets as live_units"
            joins = _UNITS.format(stock=stock)
        else:
            columns += f", p.{value} as live_{value}"
    return LiveColumns(columns, joins)
