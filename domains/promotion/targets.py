"""The targets of promotions (products and categories), and the conditions of lists."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from domains.catalog.service import CatalogService
from domains.kernel.clock import Clock
from domains.kernel.database import Reader, Tx
from domains.kernel.errors import NotApplicable, NotFound, TooMany
from domains.kernel.pagination.keyset import containing
from domains.kernel.text.validation import LINE_LENGTH
from domains.kernel.validation import collect_errors
from domains.promotion import data, sql
from domains.promotion.events import PromotionUpdated
from domains.promotion.models import (
    Promotion,
    PromotionChanges,
    PromotionFilter,
    PromotionStatus,
    StoredStatus,
    status_of,
)
from domains.promotion.promotion_rules.models import Rule
from domains.promotion.promotion_rules.parser import selections
from domains.promotion.statuses import status_conditions
from domains.promotion.validation import normalized_code

MAX_TARGETS: Final = 250


@dataclass(frozen=True, slots=True)
class Targets:
    """The new products and categories of a promotion; None keeps the stored ones."""

    product_ids: Collection[UUID] | None
    category_ids: Collection[UUID] | None


class PromotionTargets:
    """Reads and writes the products and categories that promotions apply to."""

    def __init__(self, catalog: CatalogService, clock: Clock) -> None:
        self._catalog = catalog
        self._clock = clock

    async def find(self, tx: Tx, changes: PromotionChanges, rules: Sequence[Rule] = ()) -> Targets:
        """The targets in a change, checked to exist like those that its rules name. Five statements at most.

        Raises, for all ids at once, NotFound for each that does not exist, TooMany for more than 250.
        """
        product_ids = category_ids = None
        with collect_errors() as each:
            with each:
                await self.require_named(tx, rules)
            with each:
                if "product_ids" in changes:
                    product_ids = distinct(changes["product_ids"], "product_ids")
                    products = (
                        await self._catalog.products.find_many(tx, tx.actor, product_ids) if product_ids else []
                    )
                    require_all(product_ids, {product.id for product in products}, "product", "product_ids")
            with each:
                if "category_ids" in changes:
                    category_ids = distinct(changes["category_ids"], "category_ids")
                    categories = await self._catalog.categories.find_many(tx, category_ids) if category_ids else []
                    require_all(category_ids, {category.id for category in categories}, "category", "category_ids")
        return Targets(product_ids, category_ids)

    async def require_named(self, tx: Tx, rules: Sequence[Rule]) -> None:
        """Raise NotFound for each product, variant and category that rules name and that does not exist."""
        named = [
            (("rules", str(index), *path), selection)
            for index, rule in enumerate(rules)
            for path, selection in selections(rule)
        ]
        if not any(selection.is_own for _, selection in named):
            return
        product_ids = frozenset[UUID]().union(*(each.product_ids for _, each in named))
        variant_ids = frozenset[UUID]().union(*(each.variant_ids for _, each in named))
        category_ids = frozenset[UUID]().union(*(each.category_ids for _, each in named))
        catalog, actor = self._catalog, tx.actor
        products = await catalog.products.find_many(tx, actor, product_ids) if product_ids else []
        variants = await catalog.variants.find_many(tx, actor, variant_ids) if variant_ids else []
        categories = await catalog.categories.find_many(tx, category_ids) if category_ids else []
        missing = {
            "product": product_ids - {product.id for product in products},
            "variant": variant_ids - {variant.id for variant in variants},
            "category": category_ids - {category.id for category in categories},
        }
        with collect_errors() as each:
            for path, selection in named:
                for noun, ids in missing.items():
                    name = f"{noun}_ids"
                    for unknown_id in sorted(ids & getattr(selection, name)):
                        with each:
                            raise NotFound(f"There is no {noun} with the id {unknown_id}.", field=(*path, name))

    async def require_used(self, tx: Tx, promotion_id: UUID | None, rules: Sequence[Rule], targets: Targets) -> None:
        """Raise NotApplicable for targets of a promotion all of whose rules name products of their own.

        At most two statements, none for a promotion without rules.
        """
        if not rules or not all(selection.is_own for rule in rules for selection in rule.selections):
            return
        product_ids, category_ids = targets.product_ids, targets.category_ids
        if product_ids is None and promotion_id is not None:
            product_ids = [product_id for _, product_id in await self.product_ids_of(tx, [promotion_id])]
        if category_ids is None and promotion_id is not None:
            category_ids = [category_id for _, category_id in await self.category_ids_of(tx, [promotion_id])]
        with collect_errors() as each:
            for name, ids in (("product_ids", product_ids), ("category_ids", category_ids)):
                with each:
                    if ids:
                        text = f"Every rule names products of its own, so `{name}` would not be used. Leave it empty."
                        raise NotApplicable(text, field=name)

    async def write(self, tx: Tx, promotion_id: UUID, targets: Targets) -> None:
        """Replace the products and categories of a promotion."""
        if targets.product_ids is not None:
            await data.promotion_product.delete_many(tx, where={"promotion_id": promotion_id})
            await data.promotion_product.create_many(
                tx, [{"promotion_id": promotion_id, "product_id": product_id} for product_id in targets.product_ids]
            )
        if targets.category_ids is not None:
            await data.promotion_category.delete_many(tx, where={"promotion_id": promotion_id})
            await data.promotion_category.create_many(
                tx,
                [{"promotion_id": promotion_id, "category_id": category_id} for category_id in targets.category_ids],
            )

    async def product_ids_of(self, db: Reader, promotion_ids: Collection[UUID]) -> list[tuple[UUID, UUID]]:
        """Pairs of a promotion and a product of it, in their order. One statement."""
        where: data.PromotionProductWhere = {"promotion_id": {"in": list(promotion_ids)}}
        rows = await data.promotion_product.find_many(db, where=where, order_by=[{"id": "asc"}])
        return [(row.promotion_id, row.product_id) for row in rows]

    async def category_ids_of(self, db: Reader, promotion_ids: Collection[UUID]) -> list[tuple[UUID, UUID]]:
        """Pairs of a promotion and a category of it, in their order. One statement."""
        where: data.PromotionCategoryWhere = {"promotion_id": {"in": list(promotion_ids)}}
        rows = await data.promotion_category.find_many(db, where=where, order_by=[{"id": "asc"}])
        return [(row.promotion_id, row.category_id) for row in rows]

    async def remove_category(self, tx: Tx, category_id: UUID) -> list[Promotion]:
        """Remove a category from ended promotions before it is deleted; returns the other promotions on it.

        All are locked by id until the transaction ends. A promotion without any other target is marked. Orders
        keep their discounts. Two statements, one when no promotion has the category. Emits PromotionUpdated.
        """
        now = self._clock.now()
        promotions = await sql.lock_for_category(tx, category_id)
        ended = [promotion.id for promotion in promotions if has_ended(promotion, now)]
        if ended:
            await sql.remove_category(tx, category_id, ended)
        for promotion_id in ended:
            tx.emit(PromotionUpdated(promotion_id=promotion_id, changed=["category_ids"]))
        return [promotion for promotion in promotions if promotion.id not in ended]


def has_ended(promotion: Promotion, now: datetime) -> bool:
    """Whether a promotion has ended: EXPIRED, or PAUSED after its start."""
    status = status_of(promotion, now)
    is_paused = promotion.status == StoredStatus.PAUSED and promotion.start_date <= now
    return status is PromotionStatus.EXPIRED or is_paused


def has_targets(changes: PromotionChanges) -> bool:
    """Whether changes contain targets or rules, also empty ones."""
    return "product_ids" in changes or "category_ids" in changes or changes.get("rules") is not None


def conditions(filters: PromotionFilter, now: datetime) -> dict[str, Any]:
    """The conditions of a list. Raises InvalidInput and TooLong for an invalid search text."""
    names = ("is_automatic", "is_exclusive", "type", "discount_type")
    where = {name: getattr(filters, name) for name in names if getattr(filters, name) is not None}
    if filters.is_active is not None:
        where["status"] = StoredStatus.ACTIVE if filters.is_active else {"not": StoredStatus.ACTIVE}
    if filters.status is not None:
        where["AND"] = status_conditions(filters.status, now)
    if (match := containing(filters.search, max_length=LINE_LENGTH)) is not None:
        where["OR"] = [{"name": match}]
        if "contains" in match:
            where["OR"].append({"code": {"contains": normalized_code(filters.search or "")}})
    return where


def distinct(ids: Sequence[UUID] | None, name: str, *, owner: str = "promotion") -> dict[UUID, int]:
    """The distinct ids of a promotion or coupon, each with its first index. Raises TooMany for more than 250."""
    indexes: dict[UUID, int] = {}
    for index, target_id in enumerate(ids or ()):
        indexes.setdefault(target_id, index)
    if len(indexes) > MAX_TARGETS:
        raise TooMany(f"A {owner} has at most {MAX_TARGETS} `{name}`.", field=(name,))
    return indexes


def require_all(indexes: Mapping[UUID, int], found: Collection[UUID], noun: str, name: str) -> None:
    """Raise NotFound for each of these ids that was not found."""
    with collect_errors() as each:
        for target_id, index in indexes.items():
            with each:
                if target_id not in found:
                    raise NotFound(f"There is no {noun} with the id {target_id}.", field=(name, str(index)))
