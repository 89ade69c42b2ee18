"""Inputs of the mutations and lists of coupons."""

from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

import strawberry

from domains.promotion.coupons.coupon_codes import DEFAULT_LENGTH
from domains.promotion.coupons.models import CouponStatus, CouponType
from gateway.graphql.core.enums import describe
from gateway.graphql.core.local_times import ENDS
from gateway.graphql.core.sorting import SortDirection
from gateway.graphql.promotion.coupons import types  # noqa: F401 - it describes the enums used here

NAME = "The name that buyers see in totals and orders, 1 to 255 characters."
CODE = (
    "The code that its buyers share: at most 50 letters A to Z and digits, in parts joined by `-` or `_`; stored in "
    "capitals. Null for a coupon with unique codes."
)
TYPE = "What it takes off; it decides what `discountValue` means."
VALUE = (
    "The percentage above 0 and up to 100 for PERCENTAGE, or the amount above 0 in the company's currency for "
    "FIXED_AMOUNT; refused by FREE_SHIPPING."
)
TEXT = "A description for buyers in plain text, at most 50,000 characters; null for none."
LEAST = "The lowest subtotal before discounts for which it applies, in the company's currency; null for none."
MOST = "The most that it takes off an order, in the company's currency; null for no limit; refused by FIXED_AMOUNT."
USES = "The highest number of orders that can use it, at least 1; null for no limit."
USES_EACH = "The highest number of orders of one buyer that can use it, at least 1; null for no limit."
PRODUCTS = "The products to which it applies, at most 250 ids. Without products and categories it applies to all."
CATEGORIES = "The categories to which it applies, with their descendants, at most 250 ids."
NO_PRODUCTS = "The products to which it never applies, at most 250 ids."
NO_CATEGORIES = "The categories to which it never applies, with their descendants, at most 250 ids."
START = "The time from which it applies; now by default."
END = "The time from which it no longer applies, after `startsAt`; null for no end. A date alone is the last day."
SEGMENT = "The id of the customer segment that it is for; null for everyone."
USES_OF_CODE = "The number of orders that can use each code, 1 by default."


@strawberry.input(description="A coupon to create. Null means the same as an absent field.")
class CouponCreateInput:
    """A new coupon."""

    name: str = strawberry.field(description=NAME)
    type: CouponType = strawberry.field(description=TYPE)
    code: str | None = strawberry.field(default=None, description=CODE)
    description: str | None = strawberry.field(default=None, description=TEXT)
    discount_value: Decimal | None = strawberry.field(default=None, description=VALUE)
    minimum_amount: Decimal | None = strawberry.field(default=None, description=LEAST)
    maximum_discount: Decimal | None = strawberry.field(default=None, description=MOST)
    usage_limit: int | None = strawberry.field(default=None, description=USES)
    usage_limit_per_user: int | None = strawberry.field(default=None, description=USES_EACH)
    priority: int = strawberry.field(
        default=0, description="The rank among discounts: a higher one applies first. 0 by default."
    )
    is_exclusive: bool = strawberry.field(
        default=False, description="Whether it applies only without other discounts; false by default."
    )
    is_active: bool = strawberry.field(
        default=True, description="Whether it is switched on; true by default. Its dates must hold as well."
    )
    starts_at: datetime | None = strawberry.field(default=None, description=START)
    ends_at: datetime | None = strawberry.field(default=None, description=END, metadata=ENDS)
    product_ids: list[UUID] | None = strawberry.field(default=None, description=PRODUCTS)
    category_ids: list[UUID] | None = strawberry.field(default=None, description=CATEGORIES)
    excluded_product_ids: list[UUID] | None = strawberry.field(default=None, description=NO_PRODUCTS)
    excluded_category_ids: list[UUID] | None = strawberry.field(default=None, description=NO_CATEGORIES)
    segment_id: UUID | None = strawberry.field(default=None, description=SEGMENT)


@strawberry.input(description="Changes to a coupon. Omitted fields do not change.")
class CouponUpdateInput:
    """A coupon and its changes."""

    id: UUID = strawberry.field(description="The id of the coupon to change.")
    name: str | None = strawberry.field(default=strawberry.UNSET, description=f"{NAME} Null is refused.")
    type: CouponType | None = strawberry.field(default=strawberry.UNSET, description=f"{TYPE} Null is refused.")
    code: str | None = strawberry.field(default=strawberry.UNSET, description=CODE)
    description: str | None = strawberry.field(default=strawberry.UNSET, description=TEXT)
    discount_value: Decimal | None = strawberry.field(default=strawberry.UNSET, description=VALUE)
    minimum_amount: Decimal | None = strawberry.field(default=strawberry.UNSET, description=LEAST)
    maximum_discount: Decimal | None = strawberry.field(default=strawberry.UNSET, description=MOST)
    usage_limit: int | None = strawberry.field(default=strawberry.UNSET, description=USES)
    usage_limit_per_user: int | None = strawberry.field(default=strawberry.UNSET, description=USES_EACH)
    priority: int | None = strawberry.field(
        default=strawberry.UNSET,
        description="The rank among discounts: a higher one applies first. Null is refused.",
    )
    is_exclusive: bool | None = strawberry.field(
        default=strawberry.UNSET, description="Whether it applies only without other discounts. Null is refused."
    )
    is_active: bool | None = strawberry.field(
        default=strawberry.UNSET,
        description="Whether it is switched on; its dates must hold as well. Null is refused.",
    )
    starts_at: datetime | None = strawberry.field(
        default=strawberry.UNSET, description="The time from which it applies; null sets the current time."
    )
    ends_at: datetime | None = strawberry.field(default=strawberry.UNSET, description=END, metadata=ENDS)
    product_ids: list[UUID] | None = strawberry.field(default=strawberry.UNSET, description=PRODUCTS)
    category_ids: list[UUID] | None = strawberry.field(default=strawberry.UNSET, description=CATEGORIES)
    excluded_product_ids: list[UUID] | None = strawberry.field(default=strawberry.UNSET, description=NO_PRODUCTS)
    excluded_category_ids: list[UUID] | None = strawberry.field(default=strawberry.UNSET, description=NO_CATEGORIES)
    segment_id: UUID | None = strawberry.field(default=strawberry.UNSET, description=SEGMENT)


@strawberry.input(description="The coupon to delete.")
class CouponDeleteInput:
    """A coupon."""

    id: UUID = strawberry.field(description="The id of a coupon that no order has used.")


@strawberry.input(description="Random unique codes to generate for a coupon.")
class CouponCodesGenerateInput:
    """How many codes, and how they look."""

    coupon_id: UUID = strawberry.field(description="The id of a coupon without a shared code.")
    count: int = strawberry.field(description="The number of codes, 1 to 10,000.")
    prefix: str | None = strawberry.field(
        default=None, description="The beginning of each code, followed by `-`; none by default."
    )
    length: int = strawberry.field(
        default=DEFAULT_LENGTH,
        description=(
            "The number of random characters after the prefix, at least 8 and 12 by default. Each is one of 32 that "
            "are not mistaken for others, so that 12 of them are 60 random bits. A code has at most 50 characters."
        ),
    )
    usage_limit: int = strawberry.field(default=1, description=USES_OF_CODE)


@strawberry.input(description="Unique codes of one's own to add to a coupon, all or none.")
class CouponCodesAddInput:
    """A list of codes."""

    coupon_id: UUID = strawberry.field(description="The id of a coupon without a shared code.")
    codes: str = strawberry.field(
        description=(
            "1 to 10,000 codes in any case, each once: a code per line, as copied from a spreadsheet, or separated "
            "by spaces, commas or semicolons. Errors count from 0: `codes.7` is the eighth."
        )
    )
    usage_limit: int = strawberry.field(default=1, description=USES_OF_CODE)


@strawberry.input(description="Unique codes to switch on or off.")
class CouponCodesUpdateInput:
    """Codes and a switch."""

    ids: list[UUID] = strawberry.field(description="The ids of the codes, at most 250.")
    is_active: bool = strawberry.field(description="Whether they can be used.")


@strawberry.input(description="Unique codes to delete.")
class CouponCodesDeleteInput:
    """Codes."""

    ids: list[UUID] = strawberry.field(description="The ids of codes that no order has used, at most 250.")


@strawberry.input(description="Conditions on coupons, all of which must hold. Null and absent fields set none.")
class CouponFilterInput:
    """Conditions that must all hold."""

    status: CouponStatus | None = strawberry.field(default=None, description="Coupons that are in this state now.")
    is_active: bool | None = strawberry.field(
        default=None, description="Whether staff have switched them on, regardless of their dates; see `status`."
    )
    type: CouponType | None = strawberry.field(default=None, description="Coupons that take this off.")
    has_unique_codes: bool | None = strawberry.field(
        default=None, description="True: coupons without a shared code; false: those with one."
    )
    code: str | None = strawberry.field(
        default=None, description="The coupon that has this whole code, shared or unique, in any case."
    )


class CouponSortField(StrEnum):
    """The sort keys of coupons; the values are the service's."""

    CREATED_AT = "created_at"
    NAME = "name"
    STARTS_AT = "starts_at"
    PRIORITY = "priority"
    USAGE = "usage_count"


describe(
    CouponSortField,
    "The fields that coupons can be sorted by.",
    {
        CouponSortField.CREATED_AT: "The time of creation.",
        CouponSortField.NAME: "The name, alphabetically.",
        CouponSortField.STARTS_AT: "The time from which they apply.",
        CouponSortField.PRIORITY: "The priority, by which they are applied.",
        CouponSortField.USAGE: "The number of orders that use them.",
    },
)


@strawberry.input(description="The order of a list of coupons.")
class CouponSortInput:
    """A field and a direction."""

    field: CouponSortField = strawberry.field(
        default=CouponSortField.CREATED_AT, description="The value to sort by; the time of creation by default."
    )
    direction: SortDirection = strawberry.field(
        default=SortDirection.DESC, description="The direction; descending by default."
    )
