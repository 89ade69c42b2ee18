"""Mutations of categories and of what they ask of products."""

from collections.abc import Sequence
from typing import Annotated

import strawberry
from strawberry import UNSET

from domains.kernel.database import Tx
from domains.kernel.permissions import PermissionAction, PermissionResource
from domains.kernel.text.validation import Required
from domains.promotion.models import Promotion
from gateway.graphql.catalog import conversions, inputs, payloads
from gateway.graphql.catalog.types import Category, CategoryAttribute
from gateway.graphql.core.context import Info
from gateway.graphql.core.fields import command, present, requires

CATEGORIES = PermissionResource.CATEGORIES
MAY_CREATE = requires(CATEGORIES, PermissionAction.CREATE)
MAY_UPDATE = requires(CATEGORIES, PermissionAction.UPDATE)
MAY_DELETE = requires(CATEGORIES, PermissionAction.DELETE)
MAY_MOVE_PRODUCTS = requires(PermissionResource.PRODUCTS, PermissionAction.UPDATE)
MOST_NAMED = 5


def _held_by(promotions: Sequence[Promotion], *, by_name: bool) -> list[str]:
    """The reason that promotions refer to a category, with the first names."""
    if not promotions:
        return []
    names = [promotion.name for promotion in promotions[:MOST_NAMED]]
    more = ", …" if len(promotions) > MOST_NAMED else ""
    which = f" ({', '.join(names)}{more})" if by_name else ""
    noun = "1 promotion is" if len(promotions) == 1 else f"{len(promotions)} promotions are"
    return [f"{noun} for the category{which}: end them, or change what they are for."]


@strawberry.type
class CategoryMutation:
    """What administrators do to categories."""

    @command(MAY_CREATE)
    async def category_create(
        self,
        info: Info,
        tx: Tx,
        input: Annotated[inputs.CategoryCreateInput, strawberry.argument(description="What it is made of.")],
    ) -> payloads.CategoryCreatePayload:
        """Make a category, at the root or under another."""
        category = await info.context.services.catalog.categories.create(tx, conversions.new_category(input))
        return payloads.CategoryCreatePayload(category=present(Category, category))

    @command(MAY_UPDATE)
    async def category_update(
        self,
        info: Info,
        tx: Tx,
        input: Annotated[inputs.CategoryUpdateInput, strawberry.argument(description="What to change.")],
    ) -> payloads.CategoryUpdatePayload:
        """Change a category, but not its place."""
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
            strawberry.argument(description="The category, its new parent and its place there."),
        ],
    ) -> payloads.CategoryMovePayload:
        """Put a category, with all below it, under another or at the root; never under itself."""
        if input.parent_id is UNSET:
            raise Required("Say where to: give `parentId`, or null for the root.", field=("parent_id",))
        category = await info.context.services.catalog.categories.move(tx, input.id, input.parent_id)
        return payloads.CategoryMovePayload(category=present(Category, category))

    @command(MAY_DELETE)
    async def category_delete(
        self,
        info: Info,
        tx: Tx,
        input: Annotated[
            inputs.CategoryDeleteInput,
            strawberry.argument(description="An empty category, or one whose products move elsewhere first."),
        ],
    ) -> payloads.CategoryDeletePayload:
        """Delete a category that has no sub-categories and that no promotion is for, but those that are over.

        Its products may be moved with PRODUCTS:UPDATE. What holds it is told.
        """
        services = info.context.services
        if input.move_products_to is not None:
            MAY_MOVE_PRODUCTS.check(info.context.actor)
        promotions = await services.promotion.targets.remove_category(tx, input.id)
        await services.catalog.categories.delete(
            tx,
            input.id,
            move_products_to=input.move_products_to,
            references=_held_by(
                promotions, by_name=info.context.actor.can(PermissionResource.PROMOTIONS, PermissionAction.READ)
            ),
        )
        return payloads.CategoryDeletePayload(deleted_id=input.id)

    @command(MAY_UPDATE)
    async def category_attribute_create(
        self,
        info: Info,
        tx: Tx,
        input: Annotated[inputs.CategoryAttributeCreateInput, strawberry.argument(description="What to ask.")],
    ) -> payloads.CategoryAttributeCreatePayload:
        """Ask something of the products of a category and of all below it."""
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
            strawberry.argument(
                description="The definition to change; products are held to it at their next change."
            ),
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
        """Ask it no more; products keep what they answered."""
        catalog = info.context.services.catalog
        category_id = await catalog.attributes.delete(tx, input.id)
        (category,) = await catalog.categories.find_many(tx, [category_id])
        return payloads.CategoryAttributeDeletePayload(category=present(Category, category))
