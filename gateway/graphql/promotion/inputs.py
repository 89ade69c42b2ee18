"""What the promotions' mutations and lists take."""

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

VALUE = "The percentage of PERCENTAGE, or the amount of FIXED_AMOUNT in the company's currency."
BUY = "Of BUY_X_GET_Y: how many are bought."
GET = "Of BUY_X_GET_Y: how many are free with them."
ORDERS = "Of LOYALTY: how many paid orders it asks for."
LEAST = "What the lines of a cart must come to before discounts, in the company's currency."
CODE = "What is typed in for it: letters, digits, `-` and `_`; capitals do not matter. An automatic one needs none."
PRODUCTS = "The products it is for; without any and without categories it is for all."
CATEGORIES = "The categories it is for, with all below them."
END = "Until when; null for ever. A day alone is its last one."
USES = "How often it can be used; null without a limit."
USES_EACH = "How often one buyer can use it; null without a limit."


@strawberry.input(description="What a new promotion is made of.")
class PromotionCreateInput:
    """A promotion to make."""

    name: str = strawberry.field(description="What it is called.")
    type: PromotionType = strawberry.field(
        description="The occasion; WELCOME and LOYALTY also restrict who can use the promotion."
    )
    discount_type: DiscountType = strawberry.field(description="How it takes something off.")
    discount_value: Decimal | None = strawberry.field(default=None, description=VALUE)
    code: str | None = strawberry.field(default=None, description=CODE)
    description: str | None = strawberry.field(default=None, description="What it is about.")
    buy_quantity: int | None = strawberry.field(default=None, description=BUY)
    get_quantity: int | None = strawberry.field(default=None, description=GET)
    required_orders: int | None = strawberry.field(default=None, description=ORDERS)
    priority: int = strawberry.field(default=0, description="The higher ones apply first.")
    is_exclusive: bool = strawberry.field(default=False, description="Whether it goes together with no other.")
    is_automatic: bool = strawberry.field(default=False, description="Whether it applies by itself.")
    is_active: bool = strawberry.field(default=True, description="Whether it can be used, within its dates.")
    min_purchase_amount: Decimal | None = strawberry.field(default=None, description=LEAST)
    max_usage_count: int | None = strawberry.field(default=None, description=USES)
    max_usage_per_user: int | None = strawberry.field(default=None, description=USES_EACH)
    start_date: datetime | None = strawberry.field(default=None, description="From when on; null for now.")
    end_date: datetime | None = strawberry.field(default=None, description=END, metadata=ENDS)
    product_ids: list[UUID] | None = strawberry.field(default=None, description=PRODUCTS)
    category_ids: list[UUID] | None = strawberry.field(default=None, description=CATEGORIES)


@strawberry.input(description="What to change about a promotion; what is left out stays.")
class PromotionUpdateInput:
    """A promotion and its changes."""

    id: UUID = strawberry.field(description="The id of the promotion to change.")
    name: str | None = strawberry.field(default=strawberry.UNSET, description="What it is called.")
    type: PromotionType | None = strawberry.field(
        default=strawberry.UNSET,
        description="The occasion; WELCOME and LOYALTY also restrict who can use the promotion.",
    )
    discount_type: DiscountType | None = strawberry.field(
        default=strawberry.UNSET, description="How it takes something off."
    )
    discount_value: Decimal | None = strawberry.field(default=strawberry.UNSET, description=VALUE)
    code: str | None = strawberry.field(default=strawberry.UNSET, description=CODE)
    description: str | None = strawberry.field(default=strawberry.UNSET, description="What it is about.")
    buy_quantity: int | None = strawberry.field(default=strawberry.UNSET, description=BUY)
    get_quantity: int | None = strawberry.field(default=strawberry.UNSET, description=GET)
    required_orders: int | None = strawberry.field(default=strawberry.UNSET, description=ORDERS)
    priority: int | None = strawberry.field(default=strawberry.UNSET, description="The higher ones apply first.")
    is_exclusive: bool | None = strawberry.field(
        default=strawberry.UNSET, description="Whether it goes together with no other."
    )
    is_automatic: bool | None = strawberry.field(
        default=strawberry.UNSET, description="Whether it applies by itself."
    )
    is_active: bool | None = strawberry.field(
        default=strawberry.UNSET, description="Whether it can be used, within its dates."
    )
    min_purchase_amount: Decimal | None = strawberry.field(default=strawberry.UNSET, description=LEAST)
    max_usage_count: int | None = strawberry.field(default=strawberry.UNSET, description=USES)
    max_usage_per_user: int | None = strawberry.field(default=strawberry.UNSET, description=USES_EACH)
    start_date: datetime | None = strawberry.field(
        default=strawberry.UNSET, description="From when on; null for now."
    )
    end_date: datetime | None = strawberry.field(default=strawberry.UNSET, description=END, metadata=ENDS)
    product_ids: list[UUID] | None = strawberry.field(default=strawberry.UNSET, description=PRODUCTS)
    category_ids: list[UUID] | None = strawberry.field(default=strawberry.UNSET, description=CATEGORIES)


@strawberry.input(description="Which promotion to delete.")
class PromotionDeleteInput:
    """A promotion."""

    id: UUID = strawberry.field(description="The id of a promotion that was never used.")


@strawberry.input(description="A code, and what it is to be used on.")
class PromoCodeValidateInput:
    """A code."""

    code: str = strawberry.field(description="What was typed in.")
    subtotal: Decimal | None = strawberry.field(
        default=None, description="What the lines come to before discounts, in the company's currency."
    )


@strawberry.input(description="Which promotions; what is left out asks nothing.")
class PromotionFilterInput:
    """Conditions that must all hold."""

    status: PromotionStatus | None = strawberry.field(default=None, description="How they stand now.")
    is_active: bool | None = strawberry.field(
        default=None, description="Whether they are switched on, whatever their dates; see `status`."
    )
    is_exclusive: bool | None = strawberry.field(default=None, description="Whether they go together with no other.")
    is_automatic: bool | None = strawberry.field(default=None, description="Whether they apply by themselves.")
    type: PromotionType | None = strawberry.field(default=None, description="What they are for.")
    discount_type: DiscountType | None = strawberry.field(default=None, description="How they take something off.")


class PromotionSortField(StrEnum):
    """What promotions can be ordered by; the values are the service's."""

    CREATED_AT = "created_at"
    NAME = "name"
    START_DATE = "start_date"
    PRIORITY = "priority"
    USAGE = "current_usage_count"


describe(
    PromotionSortField,
    "What promotions are ordered by.",
    {
        PromotionSortField.CREATED_AT: "When they were made.",
        PromotionSortField.NAME: "By letter.",
        PromotionSortField.START_DATE: "From when on they can be used.",
        PromotionSortField.PRIORITY: "Which of them apply first.",
        PromotionSortField.USAGE: "How often they are used.",
    },
)


@strawberry.input(description="The order of promotions.")
class PromotionSortInput:
    """A field and a direction."""

    field: PromotionSortField = strawberry.field(
        default=PromotionSortField.CREATED_AT, description="What they are ordered by."
    )
    direction: SortDirection = strawberry.field(default=SortDirection.DESC, description="Which end comes first.")
