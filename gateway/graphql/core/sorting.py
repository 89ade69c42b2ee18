"""The direction of a list, the same for all of them."""

from enum import StrEnum

from gateway.graphql.core.enums import describe


class SortDirection(StrEnum):
    """Which end of an order comes first; the values are the kernel's."""

    ASC = "asc"
    DESC = "desc"


describe(
    SortDirection,
    "Which end of an order comes first.",
    {SortDirection.ASC: "The lowest, earliest or first by letter.", SortDirection.DESC: "The highest or latest."},
)
