"""Inputs of the queries and mutations of companies."""

from datetime import date
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

import strawberry

from domains.company.service import BY_CREATION, BY_NAME
from domains.inventory.models import AllocationStrategy
from domains.kernel.pagination.keyset import Sort
from domains.notification.models import CartReminderAudience
from domains.payment.models import CaptureMode, PaymentAudience
from domains.returns.models import ReturnShippingPayer
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
    return_window_days: int | None = strawberry.field(
        default=strawberry.UNSET,
        description="The number of days after their delivery within which goods can be returned, 0 to 3,650.",
    )
    return_shipping_paid_by: ReturnShippingPayer | None = strawberry.field(
        default=strawberry.UNSET, description="Who pays the way back of returned goods."
    )
    return_fee: Decimal | None = strawberry.field(
        default=strawberry.UNSET,
        description="What the shop keeps of the refund of a return, in the company's currency; 0 for nothing.",
    )
    non_returnable_product_ids: list[UUID] | None = strawberry.field(
        default=strawberry.UNSET,
        description="The complete list of ids of products that cannot be returned, at most 1,000.",
    )
    non_returnable_category_ids: list[UUID] | None = strawberry.field(
        default=strawberry.UNSET,
        description="The complete list of ids of categories whose own products cannot be returned, at most 1,000.",
    )
    return_authorization_days: int | None = strawberry.field(
        default=strawberry.UNSET,
        description="The number of days within which approved goods must be on their way, 1 to 365.",
    )
    return_instructions: str | None = strawberry.field(
        default=strawberry.UNSET,
        description="How buyers send goods back, at most 50,000 characters; empty: not said.",
    )
    returns_auto_approved: bool | None = strawberry.field(
        default=strawberry.UNSET, description="Whether returns are approved when they are requested."
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
    default_language: str | None = strawberry.field(
        default=strawberry.UNSET,
        description="The language of notifications to recipients without one, a tag of BCP 47 such as de.",
    )
    sender_name: str | None = strawberry.field(
        default=strawberry.UNSET,
        description="The name that e-mails come from, at most 100 characters; null for the name of the installation.",
    )
    reply_to: str | None = strawberry.field(
        default=strawberry.UNSET,
        description="The e-mail address to which recipients reply; null for the sender's.",
    )
    logo_url: str | None = strawberry.field(
        default=strawberry.UNSET,
        description="The address of the logo in e-mails, with https:// or http://; null for the company's name.",
    )
    brand_color: str | None = strawberry.field(
        default=strawberry.UNSET, description="The colour of e-mails, # and six hexadecimal digits."
    )
    footer: str | None = strawberry.field(
        default=strawberry.UNSET,
        description="The text below each e-mail, such as the postal address; empty for none.",
    )
    storefront_url: str | None = strawberry.field(
        default=strawberry.UNSET,
        description="The address of the shop, to which links in notifications lead; null for no links.",
    )
    staff_emails: list[str] | None = strawberry.field(
        default=strawberry.UNSET,
        description=(
            "The e-mail addresses told of new orders and low stock, at most 20. They replace the present ones."
        ),
    )
    quiet_hours_start: str | None = strawberry.field(
        default=strawberry.UNSET,
        description=(
            "The time, such as 22:00, from which all but critical notifications wait; null, with the end, for no "
            "quiet hours."
        ),
    )
    quiet_hours_end: str | None = strawberry.field(
        default=strawberry.UNSET,
        description="The time until which they wait, in the recipient's time zone; null, with the start, for none.",
    )
    retention_days: int | None = strawberry.field(
        default=strawberry.UNSET,
        description="The number of days, 30 to 3,650, for which notifications are kept after they ended.",
    )
    cart_reminders: CartReminderAudience | None = strawberry.field(
        default=strawberry.UNSET, description="Who is reminded of an abandoned cart by e-mail."
    )
    cart_reminder_hours: list[int] | None = strawberry.field(
        default=strawberry.UNSET,
        description=(
            "The hours after the last change of a cart at which its buyer is reminded: at most three, ascending, 1 "
            "to 720. None is sent before the cart is abandoned (`abandonedAfterHours`). An empty list for 24, 72 "
            "and 168."
        ),
    )
    review_request_days: int | None = strawberry.field(
        default=strawberry.UNSET,
        description=(
            "The days after the delivery of an order at which its buyer is asked for reviews, 0 to 365; 0 for never."
        ),
    )
    alert_days: int | None = strawberry.field(
        default=strawberry.UNSET,
        description="The number of days, 1 to 1,000, after which product alerts end that are created from now on.",
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
