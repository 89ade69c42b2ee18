"""Inputs of the mutations and lists of promotions."""

from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

import strawberry

from domains.promotion.models import DiscountType, PromotionStatus, PromotionType
from gateway.graphql.core.enums import describe
from gateway.graphql.core.local_times import ENDS
from gateway.graphql.core.sorting import SortDirection
from gateway.graphql.promotion import types  # noqa: F401 - it describes the enums used here
from gateway.graphql.promotion.rule_inputs import PromotionRuleInput

VALUE = (
    "The percentage above 0 and up to 100 for PERCENTAGE, or the amount above 0 in the company's currency "
    "for FIXED_AMOUNT; required by both, refused by others."
)
BUY = "The number of units to buy, 1 to 999, for BUY_X_GET_Y. With `getQuantity` it is short for one of `rules`."
GET = "The number of free units, 1 to 999, for BUY_X_GET_Y. With `buyQuantity` it is short for one of `rules`."
RULES = (
    "1 to 10 rules, which replace all earlier ones; required by BUNDLE and VOLUME_DISCOUNT, and by BUY_X_GET_Y "
    "without `buyQuantity` and `getQuantity`; refused by other kinds. Null is the same as an absent field."
)
USE_STATUS = "Use `status`."
ORDERS = "The number of paid orders that a buyer needs, at least 1; required by LOYALTY, refused by other types."
LEAST = "The lowest subtotal before discounts for which it applies, in the company's currency; null for none."
CODE = (
    "The code that buyers enter: at most 50 letters A to Z and digits, in parts joined by `-` or `_`; "
    "stored in capitals. Required unless `isAutomatic` is true."
)
PRODUCTS = "The products to which it applies, at most 250 ids. Without products and categories it applies to all."
CATEGORIES = "The categories to which it applies, with their descendants, at most 250 ids."
SEGMENT = "The id of the customer segment that it is for; null for everyone."
END = "The time from which it no longer applies, after `startDate`; null for no end. A date alone is the last day."
USES = "The highest number of orders that can use it, at least 1; null for no limit."
USES_EACH = "The highest number of orders of one buyer that can use it, at least 1; null for no limit."


@strawberry.input(description="A promotion to create. Null means the same as an absent field.")
class PromotionCreateInput:
    """A new promotion."""

    name: str = strawberry.field(description="The name that buyers see in totals and orders, 1 to 255 characters.")
    type: PromotionType = strawberry.field(description="The occasion; WELCOME and LOYALTY also limit who can use it.")
    discount_type: DiscountType = strawberry.field(
        description="How the discount is computed; it decides which of the other fields apply."
    )
    discount_value: Decimal | None = strawberry.field(default=None, description=VALUE)
    code: str | None = strawberry.field(default=None, description=CODE)
    description: str | None = strawberry.field(
        default=None,
        description="A description for buyers in plain text, at most 50,000 characters; none by default.",
    )
    buy_quantity: int | None = strawberry.field(default=None, description=BUY)
    get_quantity: int | None = strawberry.field(default=None, description=GET)
    rules: list[PromotionRuleInput] | None = strawberry.field(default=None, description=RULES)
    required_orders: int | None = strawberry.field(default=None, description=ORDERS)
    priority: int = strawberry.field(
        default=0, description="The rank among promotions: a higher one applies first. 0 by default."
    )
    is_exclusive: bool = strawberry.field(
        default=False, description="Whether it applies only without other promotions; false by default."
    )
    is_automatic: bool = strawberry.field(
        default=False, description="Whether it applies without a code when its conditions hold; false by default."
    )
    status: PromotionStatus | None = strawberry.field(
        default=None, description="DRAFT, ACTIVE or PAUSED; ACTIVE by default. Its dates must hold as well."
    )
    is_active: bool | None = strawberry.field(
        default=None,
        description="True: the status ACTIVE; false: PAUSED. True by default.",
        deprecation_reason=USE_STATUS,
    )
    min_purchase_amount: Decimal | None = strawberry.field(default=None, description=LEAST)
    max_usage_count: int | None = strawberry.field(default=None, description=USES)
    max_usage_per_user: int | None = strawberry.field(default=None, description=USES_EACH)
    start_date: datetime | None = strawberry.field(
        default=None, description="The time from which it applies; now by default."
    )
    end_date: datetime | None = strawberry.field(default=None, description=END, metadata=ENDS)
    product_ids: list[UUID] | None = strawberry.field(default=None, description=PRODUCTS)
    category_ids: list[UUID] | None = strawberry.field(default=None, description=CATEGORIES)
    segment_id: UUID | None = strawberry.field(default=None, description=SEGMENT)


@strawberry.input(description="Changes to a promotion. Omitted fields do not change.")
class PromotionUpdateInput:
    """A promotion and its changes."""

    id: UUID = strawberry.field(description="The id of the promotion to change.")
    name: str | None = strawberry.field(
        default=strawberry.UNSET,
        description="The name that buyers see in totals and orders, 1 to 255 characters. Null is refused.",
    )
    type: PromotionType | None = strawberry.field(
        default=strawberry.UNSET,
        description="The occasion; WELCOME and LOYALTY also limit who can use it. Null is refused.",
    )
    discount_type: DiscountType | None = strawberry.field(
        default=strawberry.UNSET,
        description="How the discount is computed; it decides which of the other fields apply. Null is refused.",
    )
    discount_value: Decimal | None = strawberry.field(default=strawberry.UNSET, description=VALUE)
    code: str | None = strawberry.field(default=strawberry.UNSET, description=CODE)
    description: str | None = strawberry.field(
        default=strawberry.UNSET,
        description="A description for buyers in plain text, at most 50,000 characters; null removes it.",
    )
    buy_quantity: int | None = strawberry.field(default=strawberry.UNSET, description=BUY)
    get_quantity: int | None = strawberry.field(default=strawberry.UNSET, description=GET)
    rules: list[PromotionRuleInput] | None = strawberry.field(default=strawberry.UNSET, description=RULES)
    required_orders: int | None = strawberry.field(default=strawberry.UNSET, description=ORDERS)
    priority: int | None = strawberry.field(
        default=strawberry.UNSET,
        description="The rank among promotions: a higher one applies first. Null is refused.",
    )
    is_exclusive: bool | None = strawberry.field(
        default=strawberry.UNSET, description="Whether it applies only without other promotions. Null is refused."
    )
    is_automatic: bool | None = strawberry.field(
        default=strawberry.UNSET,
        description="Whether it applies without a code when its conditions hold. Null is refused.",
    )
    status: PromotionStatus | None = strawberry.field(
        default=strawberry.UNSET,
        description="ACTIVE, PAUSED or EXPIRED. EXPIRED is final. Its dates must hold as well. Null is refused.",
    )
    is_active: bool | None = strawberry.field(
        default=strawberry.UNSET,
        description=("True: the status ACTIVE; false: PAUSED, unless it is inactive already. Null is refused."),
        deprecation_reason=USE_STATUS,
    )
    min_purchase_amount: Decimal | None = strawberry.field(default=strawberry.UNSET, description=LEAST)
    max_usage_count: int | None = strawberry.field(default=strawberry.UNSET, description=USES)
    max_usage_per_user: int | None = strawberry.field(default=strawberry.UNSET, description=USES_EACH)
    start_date: datetime | None = strawberry.field(
        default=strawberry.UNSET, description="The time from which it applies; null sets the current time."
    )
    end_date: datetime | None = strawberry.field(default=strawberry.UNSET, description=END, metadata=ENDS)
    product_ids: list[UUID] | None = strawberry.field(default=strawberry.UNSET, description=PRODUCTS)
    category_ids: list[UUID] | None = strawberry.field(default=strawberry.UNSET, description=CATEGORIES)
    segment_id: UUID | None = strawberry.field(default=strawberry.UNSET, description=SEGMENT)


@strawberry.input(description="The promotion to delete.")
class PromotionDeleteInput:
    """A promotion."""

    id: UUID = strawberry.field(description="The id of a promotion that no order has used.")


@strawberry.input(description="A promotion code to check, and the subtotal to check it with.")
class PromoCodeValidateInput:
    """A code."""

    code: str = strawberry.field(description="The code as the buyer entered it, in any case.")
    subtotal: Decimal | None = strawberry.field(
        default=None,
        description=(
            "The subtotal before discounts to compare with `minPurchaseAmount`, in the company's "
            "currency; null or absent to ignore that condition."
        ),
    )


@strawberry.input(
    description="Conditions on promotions, all of which must hold. Null and absent fields set no condition."
)
class PromotionFilterInput:
    """Conditions that must all hold."""

    status: PromotionStatus | None = strawberry.field(
        default=None, description="Promotions that have this status now."
    )
    is_active: bool | None = strawberry.field(
        default=None, description="Whether staff made them ACTIVE, regardless of their dates and uses; see `status`."
    )
    is_exclusive: bool | None = strawberry.field(
        default=None, description="True: promotions that apply only without others; false: all others."
    )
    is_automatic: bool | None = strawberry.field(
        default=None, description="True: promotions that apply without a code; false: promotions that require one."
    )
    type: PromotionType | None = strawberry.field(default=None, description="Promotions of this occasion.")
    discount_type: DiscountType | None = strawberry.field(
        default=None, description="Promotions that compute their discount in this way."
    )


class PromotionSortField(StrEnum):
    """The sort keys of promotions; the values are the service's."""

    CREATED_AT = "created_at"
    NAME = "name"
    START_DATE = "start_date"
    PRIORITY = "priority"
    USAGE = "current_usage_count"


describe(
    PromotionSortField,
    "The fields that promotions can be sorted by.",
    {
        PromotionSortField.CREATED_AT: "The time of creation.",
        PromotionSortField.NAME: "The name, alphabetically.",
        PromotionSortField.START_DATE: "The time from which they apply.",
        PromotionSortField.PRIORITY: "The priority, by which they are applied.",
        PromotionSortField.USAGE: "The number of orders that use them.",
    },
)


@strawberry.input(description="The order of a list of promotions.")
class PromotionSortInput:
    """A field and a direction."""

    field: PromotionSortField = strawberry.field(
        default=PromotionSortField.CREATED_AT, description="The value to sort by; the time of creation by default."
    )
    direction: SortDirection = strawberry.field(
        default=SortDirection.DESC, description="The direction; descending by default."
    )
