"""Companies as the API shows them: the public shop, and the company with all settings for its staff."""

from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

import strawberry

from domains.company import models
from domains.inventory.models import AllocationStrategy
from domains.kernel.values.money import UnitPrices
from domains.notification.marketing.cart_reminders import hours_of
from domains.notification.models import CartReminderAudience
from domains.payment.models import CaptureMode, PaymentAudience
from domains.returns.models import ReturnShippingPayer
from domains.shipping.delivery_dates import Weekday, weekdays_of
from domains.tax.models import ShippingTaxMethod
from domains.tax.validation import PLACES
from gateway.graphql.company.settings import setting
from gateway.graphql.core.enums import describe
from gateway.graphql.core.node import Node
from gateway.graphql.core.scalars import CurrencyCode, Money
from gateway.graphql.inventory import types as _stock  # noqa: F401 - AllocationStrategy must be a GraphQL enum first
from gateway.graphql.payment import types as _types  # noqa: F401 - PaymentAudience must be a GraphQL enum first
from gateway.graphql.tax import types as _taxes  # noqa: F401 - ShippingTaxMethod must be a GraphQL enum first

describe(
    Weekday,
    "A day of the week.",
    {
        Weekday.MONDAY: "The first day of the week.",
        Weekday.TUESDAY: "The second day of the week.",
        Weekday.WEDNESDAY: "The third day of the week.",
        Weekday.THURSDAY: "The fourth day of the week.",
        Weekday.FRIDAY: "The fifth day of the week.",
        Weekday.SATURDAY: "The sixth day of the week.",
        Weekday.SUNDAY: "The seventh day of the week.",
    },
)

describe(
    ReturnShippingPayer,
    "Who pays the way back of returned goods.",
    {
        ReturnShippingPayer.CUSTOMER: "The buyer pays the way back.",
        ReturnShippingPayer.COMPANY: "The shop pays the way back.",
    },
)

describe(
    CartReminderAudience,
    "Who is reminded of an abandoned cart.",
    {
        CartReminderAudience.NONE: "No reminders are created or sent.",
        CartReminderAudience.CHOSEN: "Users who chose such reminders.",
        CartReminderAudience.CUSTOMERS: (
            "Users who chose such reminders, and customers who have paid an order before and did not refuse them."
        ),
    },
)


@strawberry.type(description="The company of a request, as its customers see it.")
class Shop:
    """The public part of a company and its settings."""

    id: strawberry.Private[UUID]

    name: str = strawberry.field(description="The name of the company, shown to customers.")
    slug: str = strawberry.field(description="The text by which the header `X-Company` names the company.")
    currency: CurrencyCode = strawberry.field(description="The currency of all prices and orders.")
    tax_rate: Decimal = setting(
        lambda of: of.tax.tax_rate.quantize(PLACES),
        description=(
            "The tax rate where none of the company's tax rates applies, as a fraction: 0.19 is 19 %. Carts show "
            "the taxes of their destination."
        ),
    )
    prices_include_tax: bool = setting(
        lambda of: of.tax.prices_include_tax, description="Whether prices include tax; otherwise it is added to them."
    )
    time_zone: str = strawberry.field(
        description=(
            "The IANA time zone, such as Europe/Berlin, by which days begin and end and inputs without an "
            "offset are read."
        )
    )

    unit_price_decimals: int = setting(
        lambda of: UnitPrices.of(of.company.currency, of.catalog.unit_price_decimals).decimals,
        description=(
            "The highest number of decimals of a price per unit. Line totals are rounded to the "
            "currency's minor unit."
        ),
    )
    guest_checkout: bool = setting(
        lambda of: of.order.guest_checkout,
        description="Whether guests can order; otherwise only logged-in customers can.",
    )
    max_order_units: int = setting(
        lambda of: of.order.max_order_units, description="The highest number of units of one order, over all lines."
    )
    max_order_lines: int = setting(
        lambda of: of.cart.max_order_lines, description="The highest number of lines of one cart or order."
    )
    max_line_units: int = setting(
        lambda of: of.cart.max_line_units, description="The highest number of units of one line."
    )
    abandoned_after_hours: int = setting(
        lambda of: of.cart.abandoned_after_hours,
        description="The hours without a change after which a buyer has abandoned a cart.",
    )
    payment_minutes: int = setting(
        lambda of: of.order.payment_minutes,
        description="The number of minutes for which an order reserves its units for the payment.",
    )
    max_order_value: Money | None = setting(
        lambda of: of.money(of.order.max_order_value),
        description="The highest total of one order; null for no limit.",
    )
    return_window_days: int = setting(
        lambda of: of.returns.return_window_days,
        description="The number of days after their delivery within which goods can be returned.",
    )
    return_shipping_paid_by: ReturnShippingPayer = setting(
        lambda of: of.returns.return_shipping_paid_by, description="Who pays the way back of returned goods."
    )
    return_fee: Money = setting(
        lambda of: of.money(of.returns.return_fee), description="What the shop keeps of the refund of a return."
    )


@strawberry.type(description="A company with all its settings, of its domains. Requires SETTINGS:READ.")
class Company(Node, Shop, model=models.Company):
    """The company domain's Company."""

    working_days: list[Weekday] = setting(
        lambda of: weekdays_of(of.shipping.working_days),
        description="The days of the week on which orders are handled and delivered, Monday first.",
    )
    holidays: list[date] = setting(
        lambda of: of.shipping.holidays, description="The days on which the company does not work, ascending."
    )
    order_cutoff: str | None = setting(
        lambda of: of.shipping.order_cutoff and f"{of.shipping.order_cutoff:%H:%M}",
        description=(
            "The local time, such as 14:30, from which orders are handled from the next working day on; null: the "
            "orders of a whole working day are handled from that day on."
        ),
    )
    handling_days: int = setting(
        lambda of: of.shipping.handling_days,
        description="The number of working days before an order leaves the warehouse.",
    )
    order_number_pattern: str = setting(
        lambda of: of.order.order_number_pattern,
        description=(
            "The pattern of order numbers: {number} or {number:06}, with optional {year}, {month} and {day}."
        ),
    )
    payment_provider: str = setting(
        lambda of: of.payment.payment_provider,
        description="The name of the provider that takes new payments, such as MOCK.",
    )
    card_payments: PaymentAudience = setting(
        lambda of: of.payment.card_payments, description="The buyers who can pay by card."
    )
    invoice_payments: PaymentAudience = setting(
        lambda of: of.payment.invoice_payments, description="The buyers who can pay by invoice."
    )
    cash_on_delivery: PaymentAudience = setting(
        lambda of: of.payment.cash_on_delivery, description="The buyers who can pay in cash on delivery."
    )
    capture_mode: CaptureMode = setting(
        lambda of: of.payment.capture_mode, description="When the authorized amounts of new payments are captured."
    )
    allocation_strategy: AllocationStrategy = setting(
        lambda of: of.inventory.allocation_strategy, description="How the warehouses of orders are chosen."
    )
    stale_after_days: int | None = setting(
        lambda of: of.inventory.stale_after_days,
        description=(
            "The number of days without an order, sale or restock after which units on hand are stale; null when "
            "there are no alerts of stale stock."
        ),
    )
    tax_country: str | None = setting(
        lambda of: of.tax.tax_country,
        description=(
            "The country in which the company is established, ISO 3166-1; null if it is not given. Carts that name "
            "no destination have the taxes of this place."
        ),
    )
    tax_province: str | None = setting(
        lambda of: of.tax.tax_province, description="The province of that place; null if it is not given."
    )
    tax_postal_code: str | None = setting(
        lambda of: of.tax.tax_postal_code,
        description="The postal code of that place, letters and digits only; null if it is not given.",
    )
    shipping_tax_method: ShippingTaxMethod = setting(
        lambda of: of.tax.shipping_tax_method, description="How the price of shipping is taxed."
    )
    shipping_tax_class_id: UUID | None = setting(
        lambda of: of.tax.shipping_tax_class_id,
        description="The id of the tax class of shipping with TAX_CLASS; null for the default class.",
    )
    vat_number: str | None = setting(
        lambda of: of.tax.vat_number,
        description="The company's own VAT identification number; null if it has none.",
    )
    reverse_charge_countries: list[str] = setting(
        lambda of: of.tax.reverse_charge_countries,
        description=(
            "The countries, besides members of the EU, in which businesses with a VAT number owe the tax themselves, "
            "ISO 3166-1; empty for none."
        ),
    )
    gift_card_validity_months: int | None = setting(
        lambda of: of.payment.gift_card_validity_months,
        description="For how many months a new gift card is valid; null for ever.",
    )
    gift_card_country: str | None = setting(
        lambda of: of.payment.gift_card_country,
        description="The country whose law limits the expiry of gift cards, ISO 3166-1; null for no limit.",
    )
    acceptance_hours: int = setting(
        lambda of: of.order.acceptance_hours,
        description=(
            "The number of hours for which an order by invoice or cash on delivery waits for staff to accept it."
        ),
    )
    max_unpaid_orders: int = setting(
        lambda of: of.order.max_unpaid_orders,
        description=(
            "The highest number of unpaid or not yet accepted orders of one customer or network address. "
            "Together they have at most `maxOrderUnits` units."
        ),
    )
    non_returnable_product_ids: list[UUID] = setting(
        lambda of: of.returns.non_returnable_product_ids, description="The ids of products that cannot be returned."
    )
    non_returnable_category_ids: list[UUID] = setting(
        lambda of: of.returns.non_returnable_category_ids,
        description="The ids of categories whose own products cannot be returned.",
    )
    return_authorization_days: int = setting(
        lambda of: of.returns.return_authorization_days,
        description="The number of days within which approved goods must be on their way; the return is closed then.",
    )
    return_instructions: str = setting(
        lambda of: of.returns.return_instructions, description="How buyers send goods back; empty for nothing."
    )
    returns_auto_approved: bool = setting(
        lambda of: of.returns.returns_auto_approved,
        description="Whether returns are approved at once.",
    )
    accept_unpaid_up_to: Money | None = setting(
        lambda of: of.money(of.order.accept_unpaid_up_to),
        description=(
            "The total up to which an order by invoice or cash on delivery is accepted at once; null when "
            "staff accept each order."
        ),
    )
    default_language: str = setting(
        lambda of: of.notification.default_language,
        description="The language of notifications to recipients without one, a tag of BCP 47 such as de.",
    )
    sender_name: str | None = setting(
        lambda of: of.notification.sender_name,
        description="The name that e-mails come from; null for the name of the installation.",
    )
    reply_to: str | None = setting(
        lambda of: of.notification.reply_to,
        description="The address to which recipients reply; null for the sender's.",
    )
    logo_url: str | None = setting(
        lambda of: of.notification.logo_url, description="The logo in e-mails; null for the company's name."
    )
    brand_color: str = setting(
        lambda of: of.notification.brand_color,
        description="The colour of e-mails, # and six hexadecimal digits. Text on it is black or white.",
    )
    footer: str = setting(
        lambda of: of.notification.footer,
        description="The text below each e-mail, such as the postal address; empty for none.",
    )
    storefront_url: str | None = setting(
        lambda of: of.notification.storefront_url,
        description="The address of the shop, to which links in notifications lead; null for no links.",
    )
    staff_emails: list[str] = setting(
        lambda of: of.notification.staff_emails,
        description="The addresses that are told of new orders and low stock.",
    )
    quiet_hours_start: str | None = setting(
        lambda of: of.notification.quiet_hours_start and f"{of.notification.quiet_hours_start:%H:%M}",
        description="The time, such as 22:00, from which all but critical notifications wait; null for none.",
    )
    quiet_hours_end: str | None = setting(
        lambda of: of.notification.quiet_hours_end and f"{of.notification.quiet_hours_end:%H:%M}",
        description="The time until which they wait, in the time zone of the recipient; null for no quiet hours.",
    )
    retention_days: int = setting(
        lambda of: of.notification.retention_days,
        description="The number of days for which notifications are kept after they ended.",
    )
    cart_reminders: CartReminderAudience = setting(
        lambda of: of.notification.cart_reminders, description="Who is reminded of an abandoned cart by e-mail."
    )
    cart_reminder_hours: list[int] = setting(
        lambda of: hours_of(of.notification),
        description="The hours after the last change of a cart at which its buyer is reminded.",
    )
    review_request_days: int = setting(
        lambda of: of.notification.review_request_days,
        description="The days after the delivery of an order at which its buyer is asked for reviews; 0 for never.",
    )
    alert_days: int = setting(
        lambda of: of.notification.alert_days,
        description="The number of days after which a product alert that was not told ends.",
    )
    is_active: bool = strawberry.field(
        description="Whether the company is open. Requests for a closed company are refused."
    )
    created_at: datetime = strawberry.field(description="When the super administrator opened the company.")
    updated_at: datetime = strawberry.field(
        description=(
            "When its name, slug, currency, time zone or state last changed; other settings do not change it."
        )
    )
