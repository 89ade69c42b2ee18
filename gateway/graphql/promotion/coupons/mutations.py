"""Mutations of coupons and of their unique codes."""

from typing import Annotated, Any
from uuid import UUID

import strawberry

from domains.kernel.database import Tx
from domains.kernel.permissions import PermissionAction, PermissionResource
from domains.promotion.coupons.coupon_codes import codes_in
from domains.promotion.coupons.models import CouponChanges, NewCoupon
from gateway.graphql.core.context import Info
from gateway.graphql.core.errors import UserError
from gateway.graphql.core.fields import command, from_input, present, present_all, requires
from gateway.graphql.promotion.coupons import inputs
from gateway.graphql.promotion.coupons.types import Coupon, CouponCode

PROMOTIONS = PermissionResource.PROMOTIONS
MAY_UPDATE = requires(PROMOTIONS, PermissionAction.UPDATE)


def _errors() -> Any:
    return strawberry.field(
        default_factory=list, description="Why the change was refused; empty on success. Nothing was changed then."
    )


def _coupon() -> Any:
    return strawberry.field(default=None, description="The coupon after the change; null if it was refused.")


def _count() -> Any:
    return strawberry.field(default=None, description="The number of new codes; null if they were refused.")


@strawberry.type(description="The result of `couponCreate`.")
class CouponCreatePayload:
    """The coupon, or why not."""

    coupon: Coupon | None = _coupon()
    errors: list[UserError] = _errors()


@strawberry.type(description="The result of `couponUpdate`.")
class CouponUpdatePayload:
    """The coupon, or why not."""

    coupon: Coupon | None = _coupon()
    errors: list[UserError] = _errors()


@strawberry.type(description="The result of `couponDelete`.")
class CouponDeletePayload:
    """The id of what was deleted, or why not."""

    deleted_id: UUID | None = strawberry.field(
        default=None, description="The id of the deleted coupon; null when the deletion was refused."
    )
    errors: list[UserError] = _errors()


@strawberry.type(description="The result of `couponCodesGenerate`.")
class CouponCodesGeneratePayload:
    """How many, or why not."""

    count: int | None = _count()
    errors: list[UserError] = _errors()


@strawberry.type(description="The result of `couponCodesAdd`.")
class CouponCodesAddPayload:
    """How many, or why not."""

    count: int | None = _count()
    errors: list[UserError] = _errors()


@strawberry.type(description="The result of `couponCodesUpdate`.")
class CouponCodesUpdatePayload:
    """The codes, or why not."""

    codes: list[CouponCode] = strawberry.field(
        default_factory=list, description="The codes after the change, in the order of the ids; empty if refused."
    )
    errors: list[UserError] = _errors()


@strawberry.type(description="The result of `couponCodesDelete`.")
class CouponCodesDeletePayload:
    """The ids of what was deleted, or why not."""

    deleted_ids: list[UUID] = strawberry.field(
        default_factory=list, description="The ids of the deleted codes; empty when the deletion was refused."
    )
    errors: list[UserError] = _errors()


@strawberry.type
class CouponMutation:
    """The fields of Mutation that change coupons."""

    @command(requires(PROMOTIONS, PermissionAction.CREATE))
    async def coupon_create(
        self,
        info: Info,
        tx: Tx,
        input: Annotated[
            inputs.CouponCreateInput, strawberry.argument(description="The discount with its conditions.")
        ],
    ) -> CouponCreatePayload:
        """Create a coupon in the company's currency. Without a code it gets unique ones by `couponCodesGenerate`."""
        coupon = await info.context.services.promotion.coupons.create(tx, from_input(NewCoupon, input))
        return CouponCreatePayload(coupon=present(Coupon, coupon))

    @command(MAY_UPDATE)
    async def coupon_update(
        self,
        info: Info,
        tx: Tx,
        input: Annotated[
            inputs.CouponUpdateInput,
            strawberry.argument(description="The id of the coupon, and the fields to change."),
        ],
    ) -> CouponUpdatePayload:
        """Change a coupon. Orders that used it keep their discounts."""
        changes = from_input(CouponChanges, input, exclude=("id",))
        coupon = await info.context.services.promotion.coupons.update(tx, input.id, changes)
        return CouponUpdatePayload(coupon=present(Coupon, coupon))

    @command(requires(PROMOTIONS, PermissionAction.DELETE))
    async def coupon_delete(
        self,
        info: Info,
        tx: Tx,
        input: Annotated[
            inputs.CouponDeleteInput, strawberry.argument(description="The id of a coupon that no order has used.")
        ],
    ) -> CouponDeletePayload:
        """Delete a coupon that no order has used, with its codes. End one that was used with `isActive: false`."""
        await info.context.services.promotion.coupons.delete(tx, input.id)
        return CouponDeletePayload(deleted_id=input.id)

    @command(MAY_UPDATE)
    async def coupon_codes_generate(
        self,
        info: Info,
        tx: Tx,
        input: Annotated[
            inputs.CouponCodesGenerateInput,
            strawberry.argument(description="The coupon, and how many codes of which form."),
        ],
    ) -> CouponCodesGeneratePayload:
        """Generate random unique codes. `couponCodes` and `GET /export/coupon-codes.csv` show them."""
        count = await info.context.services.promotion.coupons.codes.generate(
            tx,
            input.coupon_id,
            input.count,
            prefix=input.prefix,
            length=input.length,
            usage_limit=input.usage_limit,
        )
        return CouponCodesGeneratePayload(count=count)

    @command(MAY_UPDATE)
    async def coupon_codes_add(
        self,
        info: Info,
        tx: Tx,
        input: Annotated[
            inputs.CouponCodesAddInput,
            strawberry.argument(description="The list of codes; a wrong one refuses all of them."),
        ],
    ) -> CouponCodesAddPayload:
        """Add unique codes of one's own to a coupon, all or none. Errors name the first wrong ones."""
        codes = info.context.services.promotion.coupons.codes
        count = await codes.add(tx, input.coupon_id, codes_in(input.codes), usage_limit=input.usage_limit)
        return CouponCodesAddPayload(count=count)

    @command(MAY_UPDATE)
    async def coupon_codes_update(
        self,
        info: Info,
        tx: Tx,
        input: Annotated[
            inputs.CouponCodesUpdateInput,
            strawberry.argument(description="The codes, and whether they can be used."),
        ],
    ) -> CouponCodesUpdatePayload:
        """Switch unique codes on or off, all or none. Orders that used them keep their discounts."""
        codes = info.context.services.promotion.coupons.codes
        changed = await codes.set_active(tx, input.ids, is_active=input.is_active)
        return CouponCodesUpdatePayload(codes=present_all(CouponCode, changed))

    @command(MAY_UPDATE)
    async def coupon_codes_delete(
        self,
        info: Info,
        tx: Tx,
        input: Annotated[
            inputs.CouponCodesDeleteInput,
            strawberry.argument(description="The ids of codes that no order has used."),
        ],
    ) -> CouponCodesDeletePayload:
        """Delete unique codes that no order has used, all or none. Carts lose them."""
        await info.context.services.promotion.coupons.codes.delete(tx, input.ids)
        return CouponCodesDeletePayload(deleted_ids=list(dict.fromkeys(input.ids)))
