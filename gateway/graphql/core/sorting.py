"""The sort direction of all lists."""

from enum import StrEnum

from gateway.graphql.core.enums import describe


class SortDirection(StrEnum):
    """The direction of a sort order; the values are the kernel's."""

    ASC = "asc"
    DESC = "desc"


describe(
    SortDirection,
    "The direction in which a list is sorted.",
    {
        SortDirection.ASC: "Ascending: the lowest, earliest or alphabetically first value comes first.",
        SortDirection.DESC: "Descending: the highest, latest or alphabetically last value comes first.",
    },
)
