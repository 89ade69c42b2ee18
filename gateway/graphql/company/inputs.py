"""What clients say about companies."""

from decimal import Decimal
from enum import StrEnum
from uuid import UUID

import strawberry

from domains.company.service import BY_CREATION, BY_NAME
from domains.kernel.pagination.keyset import Sort
from domains.payment.models import PaymentAudience
from gateway.graphql.core.enums import describe
from gateway.graphql.core.scalars import CurrencyCode
from gateway.graphql.core.sorting import SortDirection
from gateway.graphql.payment import types as _types  # noqa: F401 - PaymentAudience must be a GraphQL enum first


class CompanySortField(StrEnum):
    """What companies are sorted by."""

    CREATED_AT = "CREATED_AT"
    NAME = "NAME"


describe(
    CompanySortField,
    "What companies are sorted by.",
    {CompanySortField.CREATED_AT: "When they were opened.", CompanySortField.NAME: "Their name."},
)
SORTS = {CompanySortField.CREATED_AT: BY_CREATION, CompanySortField.NAME: BY_NAME}


@strawberry.input(description="How companies are sorted.")
class CompanySortInput:
    """Field and direction."""

    field: CompanySortField = strawberry.field(default=CompanySortField.CREATED_AT, description="By what.")
    direction: SortDirection = strawberry.field(default=SortDirection.DESC, description="Which way.")

    def as_sort(self) -> Sort:
        """The kernel's Sort."""
        return SORTS[self.field].running(descending=self.direction is SortDirection.DESC)


@strawberry.input(description="Which companies are wanted.")
class CompanyFilterInput:
    """Everything given must hold."""

    is_active: bool | None = strawberry.field(default=None, description="Only the open, or only the closed ones.")


@strawberry.input(description="Settings of your company to change; what is left out stays.")
class CompanySettingsUpdateInput:
    """See SettingsChanges."""

    name: str | None = strawberry.field(default=strawberry.UNSET, description="The company's name.")
    currency: CurrencyCode | None = strawberry.field(
        default=strawberry.UNSET, description="The currency of all amounts; fixed once there is any."
    )
    tax_rate: Decimal | None = strawberry.field(
        default=strawberry.UNSET, description="A fraction below 1 with at most six decimals: 0.19 is 19 %."
    )
    prices_include_tax: bool | None = strawberry.field(
        default=strawberry.UNSET, description="Whether prices are shown with tax in them."
    )
    flat_shipping: Decimal | None = strawberry.field(
        default=strawberry.UNSET, description="What shipping costs, in the company's currency."
    )
    free_shipping_threshold: Decimal | None = strawberry.field(
        default=strawberry.UNSET, description="From which total on shipping is free; null for never."
    )
    order_number_pattern: str | None = strawberry.field(
        default=strawberry.UNSET,
        description="{number} or {number:06} once, with {year}, {month} and {day} at will: {year}-{number:06}.",
    )
    time_zone: str | None = strawberry.field(
        default=strawberry.UNSET,
        description="By its IANA name, such as Europe/Berlin: for days in order numbers and times without offset.",
    )
    unit_price_decimals: int | None = strawberry.field(
        default=strawberry.UNSET,
        description="How many decimals prices of products and variants may have, at most 4; null for the currency's.",
    )
    payment_provider: str | None = strawberry.field(
        default=strawberry.UNSET,
        description="The provider of new payments, by its name; null for the installation's default.",
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
    accept_unpaid_up_to: Decimal | None = strawberry.field(
        default=strawberry.UNSET,
        description="Up to which total orders by invoice or cash on delivery are accepted at once; null: by staff.",
    )
    guest_checkout: bool | None = strawberry.field(default=strawberry.UNSET, description="Whether guests can order.")
    max_order_units: int | None = strawberry.field(
        default=strawberry.UNSET, description="The most units in one order, 1 to 10,000,000."
    )
    max_order_lines: int | None = strawberry.field(
        default=strawberry.UNSET, description="The most lines in one cart or order, 1 to 1,000."
    )
    max_line_units: int | None = strawberry.field(
        default=strawberry.UNSET, description="The most units of one line, 1 to 1,000,000."
    )
    max_order_value: Decimal | None = strawberry.field(
        default=strawberry.UNSET, description="The highest total of one order; null for no limit."
    )
    payment_minutes: int | None = strawberry.field(
        default=strawberry.UNSET, description="How long an order holds its goods for its payment, 5 to 1,440 minutes."
    )
    acceptance_hours: int | None = strawberry.field(
        default=strawberry.UNSET,
        description="How long an order by invoice or cash on delivery waits to be accepted, 1 to 720 hours.",
    )
    max_unpaid_orders: int | None = strawberry.field(
        default=strawberry.UNSET,
        description=(
            "How many orders of one customer or network address may wait to be paid or accepted, 1 to 1,000. "
            "Together they have at most as many units as the largest order."
        ),
    )


@strawberry.input(description="A company to be opened.")
class CompanyCreateInput:
    """Its settings other than these have their defaults until somebody in it changes them."""

    name: str = strawberry.field(description="Its name.")
    slug: str | None = strawberry.field(
        default=None, description="What requests name it by; made from the name when left out."
    )
    currency: CurrencyCode = strawberry.field(description="The currency of all its amounts.")


@strawberry.input(description="What to call a company; what is left out stays.")
class CompanyUpdateInput:
    """Name and slug."""

    id: UUID = strawberry.field(description="Which company.")
    name: str | None = strawberry.field(default=None, description="Its new name.")
    slug: str | None = strawberry.field(default=None, description="What requests name it by from now on.")


@strawberry.input(description="Which company to close.")
class CompanyDeactivateInput:
    """By id."""

    id: UUID = strawberry.field(description="Which company.")


@strawberry.input(description="Which company to open again.")
class CompanyActivateInput:
    """By id."""

    id: UUID = strawberry.field(description="Which company.")
