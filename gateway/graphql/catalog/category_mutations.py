"""Mutations of categories and of their attributes."""

from collections.abc import Sequence
from typing import Annotated

import strawberry
from strawberry import UNSET

from domains.kernel.database import Tx
from domains.kernel.permissions import PermissionAction, PermissionResource
from domains.kernel.text.validation import Required
from domains.promotion.coupons.models import Coupon
from domains.promotion.models import Promotion
from gateway.graphql.catalog import category_inputs as inputs
from gateway.graphql.catalog import conversions, payloads
from gateway.graphql.catalog.category_types import Category, CategoryAttribute
from gateway.graphql.core.context import Info
from gateway.graphql.core.fields import command, present, requires

CATEGORIES = PermissionResource.CATEGORIES
MAY_CREATE = requires(CATEGORIES, PermissionAction.CREATE)
MAY_UPDATE = requires(CATEGORIES, PermissionAction.UPDATE)
MAY_DELETE = requires(CATEGORIES, PermissionAction.DELETE)
MAY_MOVE_PRODUCTS = requires(PermissionResource.PRODUCTS, PermissionAction.UPDATE)
MAX_NAMES = 5


def _references(noun: str, discounts: Sequence[Promotion] | Sequence[Coupon], *, by_name: bool) -> list[str]:
    """The message that promotions or coupons refer to a category, with the first names."""
    if not discounts:
        return []
    names = [discount.name for discount in discounts[:MAX_NAMES]]
    more = ", …" if len(discounts) > MAX_NAMES else ""
    listed_names = f" ({', '.join(names)}{more})" if by_name else ""
    noun = f"1 {noun} is" if len(discounts) == 1 else f"{len(discounts)} {noun}s are"
    return [f"{noun} for the category{listed_names}: end them, or change their categories."]


@strawberry.type
class CategoryMutation:
    """Mutations of categories."""

    @command(MAY_CREATE)
    async def category_create(
        self,
        info: Info,
        tx: Tx,
        input: Annotated[
            inputs.CategoryCreateInput,
            strawberry.argument(description="The fields of the new category; only the name is required."),
        ],
    ) -> payloads.CategoryCreatePayload:
        """Create a category, at the root or below another one."""
        category = await info.context.services.catalog.categories.create(tx, conversions.new_category(input))
        return payloads.CategoryCreatePayload(category=present(Category, category))

    @command(MAY_UPDATE)
    async def category_update(
        self,
        info: Info,
        tx: Tx,
        input: Annotated[
            inputs.CategoryUpdateInput,
            strawberry.argument(description="The id of the category, and the fields to change."),
        ],
    ) -> payloads.CategoryUpdatePayload:
        """Change a category. Its parent is changed by `categoryMove`."""
        changes = conversions.category_changes(input)
        category = await info.context.services.catalog.categories.update(tx, input.id, changes)
        return payloads.CategoryUpdatePayload(category=present(Category, category))

    @command(MAY_UPDATE)
    async def category_move(
        self,
        info: Info,
        tx: Tx,
        input: Annotated[
            inputs.CategoryMoveInput,
            strawberry.argument(description="The category and its new parent, or null for the root."),
        ],
    ) -> payloads.CategoryMovePayload:
        """Move a category with its descendants to another parent or to the root; never below itself."""
        if input.parent_id is UNSET:
            raise Required("Give `parentId`: the new parent, or null for the root.", field=("parent_id",))
        category = await info.context.services.catalog.categories.move(tx, input.id, input.parent_id)
        return payloads.CategoryMovePayload(category=present(Category, category))

    @command(MAY_DELETE)
    async def category_delete(
        self,
        info: Info,
        tx: Tx,
        input: Annotated[
            inputs.CategoryDeleteInput,
            strawberry.argument(description="An empty category, or one whose products are moved first."),
        ],
    ) -> payloads.CategoryDeletePayload:
        """Delete a category without children, products and references by promotions and coupons that have not ended.

        Moving its products first requires PRODUCTS:UPDATE. The error lists all reasons that prevent the deletion.
        """
        services = info.context.services
        if input.move_products_to is not None:
            MAY_MOVE_PRODUCTS.check(info.context.actor)
        promotions = await services.promotion.targets.remove_category(tx, input.id)
        coupons = await services.promotion.coupons.targets.remove_category(tx, input.id)
        by_name = info.context.actor.can(PermissionResource.PROMOTIONS, PermissionAction.READ)
        await services.catalog.categories.delete(
            tx,
            input.id,
            move_products_to=input.move_products_to,
            references=[
                *_references("promotion", promotions, by_name=by_name),
                *_references("coupon", coupons, by_name=by_name),
            ],
        )
        return payloads.CategoryDeletePayload(deleted_id=input.id)

    @command(MAY_UPDATE)
    async def category_attribute_create(
        self,
        info: Info,
        tx: Tx,
        input: Annotated[
            inputs.CategoryAttributeCreateInput,
            strawberry.argument(description="The category, and the name, type and rules of its new attribute."),
        ],
    ) -> payloads.CategoryAttributeCreatePayload:
        """Define an attribute for the products of a category and its descendants."""
        catalog = info.context.services.catalog
        row = await catalog.attributes.create(tx, input.category_id, input.rule(), unit=input.unit)
        return payloads.CategoryAttributeCreatePayload(attribute=present(CategoryAttribute, row))

    @command(MAY_UPDATE)
    async def category_attribute_update(
        self,
        info: Info,
        tx: Tx,
        input: Annotated[
            inputs.CategoryAttributeUpdateInput,
            strawberry.argument(description="The definition to change; products are validated at their next change."),
        ],
    ) -> payloads.CategoryAttributeUpdatePayload:
        """Change an attribute. Products get a new name at once, and are validated at their next change."""
        catalog = info.context.services.catalog
        row = await catalog.attributes.update(tx, input.id, input.rule(), unit=input.unit)
        return payloads.CategoryAttributeUpdatePayload(attribute=present(CategoryAttribute, row))

    @command(MAY_UPDATE)
    async def category_attribute_delete(
        self,
        info: Info,
        tx: Tx,
        input: Annotated[
            inputs.CategoryAttributeDeleteInput,
            strawberry.argument(description="The definition to remove; products keep their values."),
        ],
    ) -> payloads.CategoryAttributeDeletePayload:
        """Delete the definition of an attribute. Products keep their values."""
        catalog = info.context.services.catalog
        category_id = await catalog.attributes.delete(tx, input.id)
        (category,) = await catalog.categories.find_many(tx, [category_id])
        return payloads.CategoryAttributeDeletePayload(category=present(Category, category))
