"""Mutations of promotions."""

from typing import Annotated
from uuid import UUID

import strawberry

from domains.kernel.database import Tx
from domains.kernel.permissions import PermissionAction, PermissionResource
from domains.promotion.coupons import models
from domains.promotion.models import NewPromotion, PromotionChanges
from gateway.graphql.core.context import Info
from gateway.graphql.core.errors import UserError
from gateway.graphql.core.fields import PUBLIC, command, from_input, present, requires, workflow
from gateway.graphql.promotion.coupons.types import Coupon
from gateway.graphql.promotion.inputs import (
    PromoCodeValidateInput,
    PromotionCreateInput,
    PromotionDeleteInput,
    PromotionUpdateInput,
)
from gateway.graphql.promotion.rule_inputs import plain_rules
from gateway.graphql.promotion.types import Promotion

PROMOTIONS = PermissionResource.PROMOTIONS
REFUSED = "Why the change was refused; empty on success."


@strawberry.type(description="The result of `promotionCreate`.")
class PromotionCreatePayload:
    """The promotion, or why not."""

    promotion: Promotion | None = strawberry.field(
        default=None, description="The new promotion; null when it was refused."
    )
    errors: list[UserError] = strawberry.field(default_factory=list, description=REFUSED)


@strawberry.type(description="The result of `promotionUpdate`.")
class PromotionUpdatePayload:
    """The promotion, or why not."""

    promotion: Promotion | None = strawberry.field(
        default=None, description="The changed promotion; null when the change was refused."
    )
    errors: list[UserError] = strawberry.field(default_factory=list, description=REFUSED)


@strawberry.type(description="The result of `promotionDelete`.")
class PromotionDeletePayload:
    """The id of what was deleted, or why not."""

    deleted_id: UUID | None = strawberry.field(
        default=None, description="The id of the deleted promotion; null when the deletion was refused."
    )
    errors: list[UserError] = strawberry.field(default_factory=list, description=REFUSED)


@strawberry.type(description="The result of `promoCodeValidate`.")
class PromoCodeValidatePayload:
    """The promotion or coupon of the code, or why it does not apply."""

    promotion: Promotion | None = strawberry.field(
        default=None, description="The promotion of the code; null for that of a coupon, and when it does not apply."
    )
    coupon: Coupon | None = strawberry.field(
        default=None, description="The coupon of the code; null for that of a promotion, and when it does not apply."
    )
    needs_confirmed_email: bool = strawberry.field(
        default=False,
        description="Whether it applies only after the buyer confirms an e-mail address with `cartEmailConfirm`.",
    )
    errors: list[UserError] = strawberry.field(
        default_factory=list, description="Why the code does not apply; empty when it does."
    )


@strawberry.type
class PromotionMutation:
    """The promotion domain's fields of Mutation."""

    @command(requires(PROMOTIONS, PermissionAction.CREATE))
    async def promotion_create(
        self,
        info: Info,
        tx: Tx,
        input: Annotated[PromotionCreateInput, strawberry.argument(description="The discount with its conditions.")],
    ) -> PromotionCreatePayload:
        """Create a promotion in the company's currency."""
        new = from_input(NewPromotion, input)
        if input.rules:
            new["rules"] = plain_rules(input.rules)
        promotion = await info.context.services.promotion.create_promotion(tx, new)
        return PromotionCreatePayload(promotion=present(Promotion, promotion))

    @command(requires(PROMOTIONS, PermissionAction.UPDATE))
    async def promotion_update(
        self,
        info: Info,
        tx: Tx,
        input: Annotated[
            PromotionUpdateInput,
            strawberry.argument(description="The id of the promotion, and the fields to change."),
        ],
    ) -> PromotionUpdatePayload:
        """Change a promotion. Orders that used it keep their discounts."""
        changes = from_input(PromotionChanges, input, exclude=("id",))
        if input.rules:
            changes["rules"] = plain_rules(input.rules)
        promotion = await info.context.services.promotion.update_promotion(tx, input.id, changes)
        return PromotionUpdatePayload(promotion=present(Promotion, promotion))

    @command(requires(PROMOTIONS, PermissionAction.DELETE))
    async def promotion_delete(
        self,
        info: Info,
        tx: Tx,
        input: Annotated[
            PromotionDeleteInput,
            strawberry.argument(description="The id of a promotion that no order has used."),
        ],
    ) -> PromotionDeletePayload:
        """Delete a promotion that no order has used. End one that was used with the status EXPIRED instead."""
        await info.context.services.promotion.delete_promotion(tx, input.id)
        return PromotionDeletePayload(deleted_id=input.id)

    @workflow(PUBLIC)
    async def promo_code_validate(
        self,
        info: Info,
        input: Annotated[
            PromoCodeValidateInput,
            strawberry.argument(description="The code as the buyer enters it, and the subtotal to test it with."),
        ],
    ) -> PromoCodeValidatePayload:
        """Check whether you can use a code now. Wrong codes are limited by network address."""
        context, promotions = info.context, info.context.services.promotion
        user_id = context.actor.user_id
        async with promotions.code_attempts.attempt(context.actor.company_id, context.request.ip):
            buyer = (await promotions.find_buyers(context.reader, {user_id}))[user_id]
            found = await promotions.validate_promo_code(context.reader, input.code, buyer, input.subtotal)
        payload = PromoCodeValidatePayload(needs_confirmed_email=found.needs_confirmed_email)
        if isinstance(found.discount, models.Coupon):
            payload.coupon = present(Coupon, found.discount)
        else:
            payload.promotion = present(Promotion, found.discount)
        return payload
