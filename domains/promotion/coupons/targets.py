"""The targets of coupons: products and categories that they apply to, and those that they do not apply to."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from domains.catalog.service import CatalogService
from domains.kernel.clock import Clock
from domains.kernel.database import Reader, Tx
from domains.kernel.errors import InvalidInput
from domains.kernel.validation import collect_errors
from domains.promotion import data
from domains.promotion.coupons import target_sql
from domains.promotion.coupons.events import CouponUpdated
from domains.promotion.coupons.models import Coupon, CouponChanges
from domains.promotion.targets import distinct, require_all

PRODUCTS: Final = ("product_ids", "excluded_product_ids")
CATEGORIES: Final = ("category_ids", "excluded_category_ids")


@dataclass(frozen=True, slots=True)
class CouponTargets:
    """The new targets of a coupon by the names of their fields; absent ones keep the stored ones."""

    ids: Mapping[str, Collection[UUID]]

    @property
    def names(self) -> list[str]:
        """The fields that are replaced."""
        return list(self.ids)


@dataclass(frozen=True, slots=True)
class Target:
    """A product or category that a coupon names."""

    coupon_id: UUID
    target_id: UUID
    is_excluded: bool


class CouponTargetsStore:
    """Reads and writes the targets of coupons."""

    def __init__(self, catalog: CatalogService, clock: Clock) -> None:
        self._catalog = catalog
        self._clock = clock

    async def find(self, tx: Tx, changes: CouponChanges, current: Mapping[str, Collection[UUID]]) -> CouponTargets:
        """The targets in a change, checked to exist. Two statements at most.

        `current` are the stored ones. Raises, for all ids at once, NotFound for each that does not exist, TooMany for
        more than 250, and InvalidInput for one that is both applied to and excluded.
        """
        given: dict[str, dict[UUID, int]] = {}
        with collect_errors() as each:
            for name in (*PRODUCTS, *CATEGORIES):
                with each:
                    if name in changes:
                        given[name] = distinct(changes.get(name), name, owner="coupon")
            with each:
                ids = [product_id for name in PRODUCTS for product_id in given.get(name, ())]
                products = await self._catalog.products.find_many(tx, tx.actor, set(ids)) if ids else []
                _require_all(given, PRODUCTS, {product.id for product in products}, "product")
            with each:
                ids = [category_id for name in CATEGORIES for category_id in given.get(name, ())]
                categories = await self._catalog.categories.find_many(tx, set(ids)) if ids else []
                _require_all(given, CATEGORIES, {category.id for category in categories}, "category")
            for included, excluded in (PRODUCTS, CATEGORIES):
                with each:
                    kept = {name: given.get(name, current.get(name, ())) for name in (included, excluded)}
                    if not set(kept[included]).isdisjoint(kept[excluded]):
                        raise InvalidInput(f"`{included}` has some of the `{excluded}` too.", field=(excluded,))
        return CouponTargets(given)

    async def write(self, tx: Tx, coupon_id: UUID, targets: CouponTargets) -> None:
        """Replace the targets of a coupon that are given."""
        for name in targets.names:
            is_excluded = name.startswith("excluded")
            if name in PRODUCTS:
                await data.coupon_product.delete_many(tx, where={"coupon_id": coupon_id, "is_excluded": is_excluded})
            else:
                await data.coupon_category.delete_many(tx, where={"coupon_id": coupon_id, "is_excluded": is_excluded})
        products: list[data.CouponProductCreate] = [
            {"coupon_id": coupon_id, "product_id": target_id, "is_excluded": name != PRODUCTS[0]}
            for name in PRODUCTS
            for target_id in targets.ids.get(name, ())
        ]
        categories: list[data.CouponCategoryCreate] = [
            {"coupon_id": coupon_id, "category_id": target_id, "is_excluded": name != CATEGORIES[0]}
            for name in CATEGORIES
            for target_id in targets.ids.get(name, ())
        ]
        await data.coupon_product.create_many(tx, products)
        await data.coupon_category.create_many(tx, categories)

    async def products_of(self, db: Reader, coupon_ids: Collection[UUID]) -> list[Target]:
        """The products that coupons name, in their order. One statement."""
        where: data.CouponProductWhere = {"coupon_id": {"in": list(coupon_ids)}}
        rows = await data.coupon_product.find_many(db, where=where, order_by=[{"id": "asc"}])
        return [Target(row.coupon_id, row.product_id, row.is_excluded) for row in rows]

    async def categories_of(self, db: Reader, coupon_ids: Collection[UUID]) -> list[Target]:
        """The categories that coupons name, in their order. One statement."""
        where: data.CouponCategoryWhere = {"coupon_id": {"in": list(coupon_ids)}}
        rows = await data.coupon_category.find_many(db, where=where, order_by=[{"id": "asc"}])
        return [Target(row.coupon_id, row.category_id, row.is_excluded) for row in rows]

    async def stored(self, db: Reader, coupon_id: UUID) -> dict[str, list[UUID]]:
        """The targets of a coupon by the names of their fields. Two statements."""
        found: dict[str, list[UUID]] = {}
        for names, targets in (
            (PRODUCTS, await self.products_of(db, [coupon_id])),
            (CATEGORIES, await self.categories_of(db, [coupon_id])),
        ):
            for target in targets:
                found.setdefault(names[target.is_excluded], []).append(target.target_id)
        return found

    async def remove_category(self, tx: Tx, category_id: UUID) -> list[Coupon]:
        """Remove a category from ended coupons before it is deleted; returns the other coupons that name it.

        All are locked by id until the transaction ends. A coupon that applied to it alone is marked. Orders keep
        their discounts. Two statements, one when no coupon names the category. Emits CouponUpdated.
        """
        now = self._clock.now()
        coupons = await target_sql.lock_for_category(tx, category_id)
        ended = [coupon.id for coupon in coupons if has_ended(coupon, now)]
        if ended:
            await target_sql.remove_category(tx, category_id, ended)
        for coupon_id in ended:
            tx.emit(CouponUpdated(coupon_id=coupon_id, changed=["category_ids"]))
        return [coupon for coupon in coupons if coupon.id not in ended]


def has_ended(coupon: Coupon, now: datetime) -> bool:
    """Whether a coupon has ended: by its date, or switched off after its start."""
    is_past_end = coupon.ends_at is not None and coupon.ends_at <= now
    return is_past_end or (not coupon.is_active and coupon.starts_at <= now)


def has_targets(changes: CouponChanges) -> bool:
    """Whether changes contain targets that it applies to, also empty ones."""
    return "product_ids" in changes or "category_ids" in changes


def _require_all(
    given: Mapping[str, Mapping[UUID, int]], names: Sequence[str], found: Collection[UUID], noun: str
) -> None:
    with collect_errors() as each:
        for name in names:
            with each:
                require_all(given.get(name, {}), found, noun, name)
