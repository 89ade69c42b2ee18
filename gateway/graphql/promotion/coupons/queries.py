"""Queries of coupons, their unique codes and their uses, for staff."""

from typing import Annotated
from uuid import UUID

import strawberry

from domains.kernel.permissions import PermissionAction, PermissionResource
from domains.promotion.coupons.models import CouponFilter
from gateway.graphql.core.context import Info
from gateway.graphql.core.fields import input_values, present, query, requires
from gateway.graphql.core.pagination import After, Before, Connection, First, Last, PageArgs
from gateway.graphql.promotion.coupons.inputs import CouponFilterInput, CouponSortInput
from gateway.graphql.promotion.coupons.types import Coupon, CouponCode, CouponUsage

MAY_READ = requires(PermissionResource.PROMOTIONS, PermissionAction.READ)


@strawberry.type
class CouponQuery:
    """The fields of Query about coupons."""

    @query(MAY_READ)
    async def coupon(
        self,
        info: Info,
        id: Annotated[UUID, strawberry.argument(description="The id of a coupon of this company.")],
    ) -> Coupon | None:
        """A coupon by its id; null when there is none."""
        context = info.context
        return present(Coupon, await context.services.promotion.coupons.get(context.reader, id))

    @query(MAY_READ)
    async def coupons(
        self,
        info: Info,
        filter: Annotated[
            CouponFilterInput | None,
            strawberry.argument(description="Conditions on the coupons; all coupons by default."),
        ] = None,
        search: Annotated[
            str | None,
            strawberry.argument(
                description=(
                    "A part of the name or the shared code, ignoring case, at most 1,000 characters; null or empty "
                    "for all."
                )
            ),
        ] = None,
        sort_by: Annotated[
            CouponSortInput | None, strawberry.argument(description="The order; newest first by default.")
        ] = None,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[Coupon]:
        """The coupons of the company, ended and inactive ones included."""
        order = sort_by or CouponSortInput()
        page = await info.context.services.promotion.coupons.find(
            info.context.reader,
            PageArgs(first, after, last, before),
            CouponFilter(**(input_values(filter) if filter else {}), search=search),
            order=order.field.value,
            direction=order.direction.value,
        )
        return Connection[Coupon].of(page)

    @query(MAY_READ)
    async def coupon_codes(
        self,
        info: Info,
        coupon_id: Annotated[UUID, strawberry.argument(description="The id of a coupon with unique codes.")],
        code: Annotated[
            str | None, strawberry.argument(description="The whole code to find, in any case; all by default.")
        ] = None,
        is_used: Annotated[
            bool | None,
            strawberry.argument(description="True: codes that an order uses; false: the others; all by default."),
        ] = None,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[CouponCode]:
        """The unique codes of a coupon, oldest first."""
        page = await info.context.services.promotion.coupons.codes.find(
            info.context.reader, PageArgs(first, after, last, before), coupon_id, is_used=is_used, code=code
        )
        return Connection[CouponCode].of(page)

    @query(MAY_READ)
    async def coupon_usages(
        self,
        info: Info,
        coupon_id: Annotated[UUID, strawberry.argument(description="Of which coupon; an unknown one has none.")],
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[CouponUsage]:
        """The uses of a coupon by orders, newest first, with those that ended orders gave back."""
        page = await info.context.services.promotion.coupons.usages(
            info.context.reader, PageArgs(first, after, last, before), coupon_id
        )
        return Connection[CouponUsage].of(page)
