"""Batch functions of coupons: a statement for the pairs of targets, one for what they name."""

from collections.abc import Callable, Collection, Sequence
from typing import TypeVar
from uuid import UUID

from domains.catalog.documents.products import ShownProduct
from domains.catalog.models import Category
from domains.catalog.policy import sees_hidden_categories
from domains.promotion.coupons.models import Coupon, CouponCode, CouponUsage
from domains.promotion.coupons.targets import Target
from gateway.graphql.core.context import Context
from gateway.graphql.engine.loading import one_per_key

T = TypeVar("T")


async def load_coupons(context: Context, keys: Sequence[UUID]) -> Sequence[Coupon | None]:
    """Coupons by id."""
    rows = await context.services.promotion.coupons.by_id(context.reader, keys)
    return one_per_key(keys, rows, lambda row: row.id)


async def load_coupon_codes(context: Context, keys: Sequence[UUID]) -> Sequence[CouponCode | None]:
    """Unique codes by id."""
    rows = await context.services.promotion.coupons.codes.by_id(context.reader, keys)
    return one_per_key(keys, rows, lambda row: row.id)


async def load_coupon_usages(context: Context, keys: Sequence[UUID]) -> Sequence[CouponUsage | None]:
    """Uses of coupons by id."""
    rows = await context.services.promotion.coupons.usages_by_id(context.reader, keys)
    return one_per_key(keys, rows, lambda row: row.id)


async def load_product_targets(context: Context, keys: Sequence[UUID]) -> Sequence[list[Target]]:
    """The products that coupons name."""
    return _by_coupon(keys, await context.services.promotion.coupons.targets.products_of(context.reader, keys))


async def load_category_targets(context: Context, keys: Sequence[UUID]) -> Sequence[list[Target]]:
    """The categories that coupons name."""
    return _by_coupon(keys, await context.services.promotion.coupons.targets.categories_of(context.reader, keys))


async def load_products(context: Context, keys: Sequence[UUID]) -> Sequence[list[ShownProduct]]:
    """The products that coupons apply to, as the actor may see them."""
    return await _products(context, keys, is_excluded=False)


async def load_excluded_products(context: Context, keys: Sequence[UUID]) -> Sequence[list[ShownProduct]]:
    """The products that coupons do not apply to, as the actor may see them."""
    return await _products(context, keys, is_excluded=True)


async def load_categories(context: Context, keys: Sequence[UUID]) -> Sequence[list[Category]]:
    """The categories that coupons apply to, as the actor may see them."""
    return await _categories(context, keys, is_excluded=False)


async def load_excluded_categories(context: Context, keys: Sequence[UUID]) -> Sequence[list[Category]]:
    """The categories that coupons do not apply to, as the actor may see them."""
    return await _categories(context, keys, is_excluded=True)


async def _products(context: Context, keys: Sequence[UUID], *, is_excluded: bool) -> list[list[ShownProduct]]:
    targets = await context.loaders.of(load_product_targets).load_level(list(keys))
    ids = _ids(targets, is_excluded=is_excluded)
    found = await context.services.catalog.products.find_many(context.reader, context.actor, ids) if ids else []
    return _named(targets, found, lambda product: product.id, is_excluded=is_excluded)


async def _categories(context: Context, keys: Sequence[UUID], *, is_excluded: bool) -> list[list[Category]]:
    targets = await context.loaders.of(load_category_targets).load_level(list(keys))
    ids = _ids(targets, is_excluded=is_excluded)
    found = await context.services.catalog.categories.find_many(context.reader, ids) if ids else []
    sees_all = sees_hidden_categories(context.actor)
    seen = [category for category in found if sees_all or category.is_active]
    return _named(targets, seen, lambda category: category.id, is_excluded=is_excluded)


def _by_coupon(keys: Sequence[UUID], targets: Collection[Target]) -> list[list[Target]]:
    return [[target for target in targets if target.coupon_id == key] for key in keys]


def _ids(targets: Sequence[Sequence[Target]], *, is_excluded: bool) -> set[UUID]:
    return {target.target_id for of_one in targets for target in of_one if target.is_excluded is is_excluded}


def _named(
    targets: Sequence[Sequence[Target]], found: Sequence[T], id_of: Callable[[T], UUID], *, is_excluded: bool
) -> list[list[T]]:
    """What each coupon names of these, in its order."""
    seen = {id_of(each): each for each in found}
    return [
        [
            seen[target.target_id]
            for target in of_one
            if target.is_excluded is is_excluded and target.target_id in seen
        ]
        for of_one in targets
    ]
