"""Inputs of the queries and mutations of taxes."""

from datetime import date
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

import strawberry
from strawberry import UNSET

from domains.kernel.pagination.keyset import Sort
from domains.tax.rates import SORTS
from gateway.graphql.core.enums import describe
from gateway.graphql.core.sorting import SortDirection

NAME = "The name of the tax, which buyers see, 1 to 50 characters: `VAT`. Taxes of different names apply together."
COUNTRY = "The country of the destination as two letters of ISO 3166-1, such as `DE`."
PROVINCE = "The province by code or name, such as `QC` or `Québec`; null for the whole country."
POSTAL_PREFIX = "The beginning of the postal codes, 1 to 10 letters and digits; null for all postal codes."
RATE = "The rate as a fraction below 1 with at most six decimals: 0.19 is 19 %."
UNTIL = "The last day on which it is valid, in the company's time zone; null for no end."
CODE = "The code by which files name it: at most 50 lower-case letters, digits, `-` and `_`, unique in the company."


@strawberry.input(description="A tax class to create. Null means the same as an absent field.")
class TaxClassCreateInput:
    """A new tax class."""

    code: str = strawberry.field(description=CODE)
    name: str = strawberry.field(description="The name that staff see, 1 to 255 characters.")
    is_default: bool = strawberry.field(
        default=False,
        description="Whether products without a class have this one; it then takes the place of the default class.",
    )


@strawberry.input(description="Changes to a tax class. Omitted fields do not change; null is refused.")
class TaxClassUpdateInput:
    """A tax class and its changes."""

    id: UUID = strawberry.field(description="The id of the tax class to change.")
    code: str | None = strawberry.field(default=UNSET, description=CODE)
    name: str | None = strawberry.field(default=UNSET, description="The new name, 1 to 255 characters.")
    is_default: bool | None = strawberry.field(
        default=UNSET,
        description=(
            "True takes the place of the default class; false leaves the company without one, so that products "
            "without a class have the company's `taxRate`."
        ),
    )


@strawberry.input(description="The tax class to delete.")
class TaxClassDeleteInput:
    """A tax class."""

    id: UUID = strawberry.field(description="The id of a tax class without products, rates and shipping.")


@strawberry.input(description="A tax rate to create. Null means the same as an absent field.")
class TaxRateCreateInput:
    """A new tax rate."""

    tax_class_id: UUID = strawberry.field(description="The id of the class of goods or shipping that it taxes.")
    name: str = strawberry.field(description=NAME)
    country: str = strawberry.field(description=COUNTRY)
    rate: Decimal = strawberry.field(description=RATE)
    province: str | None = strawberry.field(default=None, description=PROVINCE)
    postal_prefix: str | None = strawberry.field(default=None, description=POSTAL_PREFIX)
    valid_from: date | None = strawberry.field(
        default=None,
        description="The first day on which it is valid, in the company's time zone; today by default.",
    )
    valid_until: date | None = strawberry.field(default=None, description=UNTIL)


@strawberry.input(
    description="Changes to a tax rate, whose class stays. Omitted fields do not change. Existing orders keep theirs."
)
class TaxRateUpdateInput:
    """A tax rate and its changes."""

    id: UUID = strawberry.field(description="The id of the tax rate to change.")
    name: str | None = strawberry.field(default=UNSET, description=f"{NAME} Null is refused.")
    country: str | None = strawberry.field(default=UNSET, description=f"{COUNTRY} Null is refused.")
    rate: Decimal | None = strawberry.field(default=UNSET, description=f"{RATE} Null is refused.")
    province: str | None = strawberry.field(default=UNSET, description=PROVINCE)
    postal_prefix: str | None = strawberry.field(default=UNSET, description=POSTAL_PREFIX)
    valid_from: date | None = strawberry.field(
        default=UNSET, description="The first day on which it is valid, in the company's time zone. Null is refused."
    )
    valid_until: date | None = strawberry.field(default=UNSET, description=UNTIL)


@strawberry.input(description="The tax rate to delete.")
class TaxRateDeleteInput:
    """A tax rate."""

    id: UUID = strawberry.field(description="The id of the tax rate to delete. Existing orders keep their taxes.")


@strawberry.input(description="The countries whose starter rates to install.")
class TaxRatesInstallInput:
    """Countries."""

    countries: list[str] = strawberry.field(
        description="One to 250 countries as two letters of ISO 3166-1, such as `DE`; `US` and `CA` with all states."
    )


@strawberry.input(description="Conditions on tax rates. Null and absent fields set no condition.")
class TaxRateFilterInput:
    """Conditions, which are combined with AND."""

    tax_class_id: UUID | None = strawberry.field(
        default=None, description="Rates of goods or shipping of this class."
    )
    country: str | None = strawberry.field(default=None, description="Rates of this country, such as `DE`.")
    province: str | None = strawberry.field(
        default=None,
        description="Rates of this province by code, with `country` also by name; not those of its whole country.",
    )
    valid_on: date | None = strawberry.field(default=None, description="Rates that are valid on this day.")


class TaxRateSortField(StrEnum):
    """The sort keys of tax rates; the values are the service's."""

    CREATED_AT = "created_at"
    NAME = "name"
    COUNTRY = "country"
    RATE = "rate"
    VALID_FROM = "valid_from"


describe(
    TaxRateSortField,
    "The fields that tax rates can be sorted by.",
    {
        TaxRateSortField.CREATED_AT: "The time of creation.",
        TaxRateSortField.NAME: "The name of the tax, alphabetically.",
        TaxRateSortField.COUNTRY: "The code of the country, alphabetically.",
        TaxRateSortField.RATE: "The fraction of the price that is tax.",
        TaxRateSortField.VALID_FROM: "The first day on which they are valid.",
    },
)


@strawberry.input(description="The order of a list of tax rates.")
class TaxRateSortInput:
    """A field and a direction."""

    field: TaxRateSortField = strawberry.field(
        default=TaxRateSortField.CREATED_AT, description="The value to sort by; the time of creation by default."
    )
    direction: SortDirection = strawberry.field(
        default=SortDirection.DESC, description="The direction; descending by default."
    )

    def as_sort(self) -> Sort:
        """The kernel's Sort."""
        return SORTS[self.field.value].running(descending=self.direction is SortDirection.DESC)
