"""Inputs of the queries and mutations of companies."""

from datetime import date
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

import strawberry

from domains.company.service import BY_CREATION, BY_NAME
from domains.inventory.models import AllocationStrategy
from domains.kernel.pagination.keyset import Sort
from domains.payment.models import CaptureMode, PaymentAudience
from domains.shipping.delivery_dates import Weekday
from domains.tax.models import ShippingTaxMethod
from gateway.graphql.company import types as _company  # noqa: F401 - Weekday must be a GraphQL enum first
from gateway.graphql.core.enums import describe
from gateway.graphql.core.scalars import CurrencyCode
from gateway.graphql.core.sorting import SortDirection
from gateway.graphql.inventory import types as _stock  # noqa: F401 - AllocationStrategy must be a GraphQL enum first
from gateway.graphql.payment import types as _types  # noqa: F401 - PaymentAudience must be a GraphQL enum first
from gateway.graphql.tax import types as _taxes  # noqa: F401 - ShippingTaxMethod must be a GraphQL enum first


class CompanySortField(StrEnum):
    """The sort keys of companies."""

    CREATED_AT = "CREATED_AT"
    NAME = "NAME"


describe(
    CompanySortField,
    "The fields that companies can be sorted by.",
    {
        CompanySortField.CREATED_AT: "The time at which the company was created.",
        CompanySortField.NAME: "The name, alphabetically, ignoring case.",
    },
)
SORTS = {CompanySortField.CREATED_AT: BY_CREATION, CompanySortField.NAME: BY_NAME}


@strawberry.input(description="The order of a list of companies.")
class CompanySortInput:
    """Field and direction."""

    field: CompanySortField = strawberry.field(
        default=CompanySortField.CREATED_AT, description="The value to sort by; the time of creation by default."
    )
    direction: SortDirection = strawberry.field(
        default=SortDirection.DESC, description="The direction; descending by default."
    )

    def as_sort(self) -> Sort:
        """The kernel's Sort."""
        return SORTS[self.field].running(descending=self.direction is SortDirection.DESC)


@strawberry.input(description="Conditions on companies. Null and absent fields set no condition.")
class CompanyFilterInput:
    """Conditions, which are combined with AND."""

    is_active: bool | None = strawberry.field(
        default=None, description="True: open companies; false: closed companies."
    )


@strawberry.input(description="Settings of your company to change. Omitted fields do not change.")
class CompanySettingsUpdateInput:
    """Settings of several domains; see `update_settings`."""

    name: str | None = strawberry.field(
        default=strawberry.UNSET, description="The name that customers see, 1 to 255 characters."
    )
    currency: CurrencyCode | None = strawberry.field(
        default=strawberry.UNSET,
        description="The currency of all amounts. It cannot change once the company has any amount.",
    )
    tax_rate: Decimal | None = strawberry.field(
        default=strawberry.UNSET,
        description=(
            "The tax rate where none of the company's tax rates applies, as a fraction below 1 with at most six "
            "decimals: 0.19 is 19 %."
        ),
    )
    prices_include_tax: bool | None = strawberry.field(
        default=strawberry.UNSET, description="Whether prices include tax; otherwise it is added to them."
    )
    allocation_strategy: AllocationStrategy | None = strawberry.field(
        default=strawberry.UNSET, description="How the warehouses of new orders are chosen."
    )
    stale_after_days: int | None = strawberry.field(
        default=strawberry.UNSET,
        description=(
            "The number of days, 1 to 3,650, without an order, sale or restock after which units on hand are stale; "
            "null: no alerts of stale stock."
        ),
    )
    tax_country: str | None = strawberry.field(
        default=strawberry.UNSET,
        description=(
            "The country in which the company is established, as two letters of ISO 3166-1; null for none. Carts "
            "that name no destination have the taxes of this place."
        ),
    )
    tax_province: str | None = strawberry.field(
        default=strawberry.UNSET,
        description="The province of that place, at most 100 characters; null for none. It needs a `taxCountry`.",
    )
    tax_postal_code: str | None = strawberry.field(
        default=strawberry.UNSET, description="The postal code of that place; null for none. It needs a `taxCountry`."
    )
    shipping_tax_method: ShippingTaxMethod | None = strawberry.field(
        default=strawberry.UNSET, description="How the price of shipping is taxed."
    )
    shipping_tax_class_id: UUID | None = strawberry.field(
        default=strawberry.UNSET,
        description="The id of the tax class of shipping with TAX_CLASS; null for the default class.",
    )
    vat_number: str | None = strawberry.field(
        default=strawberry.UNSET, description="The company's own VAT identification number; null for none."
    )
    reverse_charge_countries: list[str] | None = strawberry.field(
        default=strawberry.UNSET,
        description=(
            "The complete list of countries, besides members of the EU, in which businesses with a VAT number owe "
            "the tax themselves, as codes of ISO 3166-1. It replaces the current list."
        ),
    )
    working_days: list[Weekday] | None = strawberry.field(
        default=strawberry.UNSET,
        description=(
            "The days of the week on which orders are handled and delivered, at least one. They replace the current "
            "ones."
        ),
    )
    holidays: list[date] | None = strawberry.field(
        default=strawberry.UNSET,
        description="The days on which the company does not work, at most 200. They replace the current ones.",
    )
    order_cutoff: str | None = strawberry.field(
        default=strawberry.UNSET,
        description=(
            "The local time, such as 14:30, from which orders are handled from the next working day on; null: the "
            "orders of a whole working day are handled from that day on."
        ),
    )
    handling_days: int | None = strawberry.field(
        default=strawberry.UNSET,
        description="The number of working days before an order leaves the warehouse, 0 to 60.",
    )
    order_number_pattern: str | None = strawberry.field(
        default=strawberry.UNSET,
        description=(
            "The pattern with {number} or {number:06} once and optional {year}, {month}, {day}, at most "
            "40 characters: {year}-{number:06}."
        ),
    )
    time_zone: str | None = strawberry.field(
        default=strawberry.UNSET,
        description=(
            "The IANA time zone, such as Europe/Berlin, for days in order numbers and times without an offset."
        ),
    )
    unit_price_decimals: int | None = strawberry.field(
        default=strawberry.UNSET,
        description=("The highest number of decimals of prices per unit, at most 4; null for those of the currency."),
    )
    payment_provider: str | None = strawberry.field(
        default=strawberry.UNSET,
        description="The name of the provider that takes new payments; null for the default of the installation.",
    )
    card_payments: PaymentAudience | None = strawberry.field(
        default=strawberry.UNSET, description="The buyers who can pay by card."
    )
    invoice_payments: PaymentAudience | None = strawberry.field(
        default=strawberry.UNSET, description="The buyers who can pay by invoice."
    )
    cash_on_delivery: PaymentAudience | None = strawberry.field(
        default=strawberry.UNSET, description="The buyers who can pay in cash on delivery."
    )
    capture_mode: CaptureMode | None = strawberry.field(
        default=strawberry.UNSET,
        description="When the authorized amounts of payments are captured. Payments that were begun keep their own.",
    )
    gift_card_validity_months: int | None = strawberry.field(
        default=strawberry.UNSET,
        description=(
            "For how many months a new gift card is valid, 1 to 600; null for ever. Below what the law of "
            "`giftCardCountry` allows it is refused."
        ),
    )
    gift_card_country: str | None = strawberry.field(
        default=strawberry.UNSET,
        description=(
            "The country whose law limits the expiry of gift cards, as a code of ISO 3166-1; null for no limit. The "
            "limits of AU, CA, DE, IE, NZ and US are known here."
        ),
    )
    accept_unpaid_up_to: Decimal | None = strawberry.field(
        default=strawberry.UNSET,
        description=(
            "The total up to which orders by invoice or cash on delivery are accepted at once, in the "
            "company's currency; null for none."
        ),
    )
    guest_checkout: bool | None = strawberry.field(
        default=strawberry.UNSET, description="Whether guests can order; otherwise only logged-in customers can."
    )
    max_order_units: int | None = strawberry.field(
        default=strawberry.UNSET, description="The highest number of units of one order, 1 to 10,000,000."
    )
    max_order_lines: int | None = strawberry.field(
        default=strawberry.UNSET, description="The highest number of lines of one cart or order, 1 to 1,000."
    )
    max_line_units: int | None = strawberry.field(
        default=strawberry.UNSET, description="The highest number of units of one line, 1 to 1,000,000."
    )
    abandoned_after_hours: int | None = strawberry.field(
        default=strawberry.UNSET,
        description="The hours without a change after which a buyer has abandoned a cart, 1 to 720.",
    )
    max_order_value: Decimal | None = strawberry.field(
        default=strawberry.UNSET,
        description="The highest total of one order, in the company's currency; null for no limit.",
    )
    payment_minutes: int | None = strawberry.field(
        default=strawberry.UNSET,
        description="The number of minutes for which an order reserves its units for the payment, 5 to 1,440.",
    )
    acceptance_hours: int | None = strawberry.field(
        default=strawberry.UNSET,
        description=(
            "The number of hours for which an order by invoice or cash on delivery waits for staff to "
            "accept it, 1 to 720."
        ),
    )
    max_unpaid_orders: int | None = strawberry.field(
        default=strawberry.UNSET,
        description=(
            "The highest number of unpaid or not yet accepted orders of one customer or network address, "
            "1 to 1,000. Together they have at most `maxOrderUnits` units."
        ),
    )


@strawberry.input(
    description="A company to create. Its other settings have their defaults until its staff change them."
)
class CompanyCreateInput:
    """All other settings have their defaults until its staff change them."""

    name: str = strawberry.field(description="The name that customers see, 1 to 255 characters.")
    slug: str | None = strawberry.field(
        default=None,
        description=(
            "The text by which the header `X-Company` names it: at most 63 lower-case letters, digits and "
            "hyphens; derived from the name by default."
        ),
    )
    currency: CurrencyCode = strawberry.field(
        description=("The currency of all amounts of the company. It cannot change once the company has any amount.")
    )


@strawberry.input(description="The new name and slug of a company. Omitted fields do not change.")
class CompanyUpdateInput:
    """Name and slug."""

    id: UUID = strawberry.field(description="The id of the company to change.")
    name: str | None = strawberry.field(
        default=None, description="The new name that customers see, 1 to 255 characters; null changes nothing."
    )
    slug: str | None = strawberry.field(
        default=None,
        description=(
            "The new slug, at most 63 characters; the header `X-Company` must use it from then on. Null "
            "changes nothing."
        ),
    )


@strawberry.input(description="The company to close.")
class CompanyDeactivateInput:
    """By id."""

    id: UUID = strawberry.field(description="The id of the company to stop serving; not the default one.")


@strawberry.input(description="The company to reopen.")
class CompanyActivateInput:
    """By id."""

    id: UUID = strawberry.field(description="The id of the company to serve again.")
