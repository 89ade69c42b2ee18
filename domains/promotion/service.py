"""PromotionService: promotions, their codes, and whether a buyer can use them."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from domains.catalog.service import CatalogService
from domains.company.service import CompanyService
from domains.kernel.clock import Clock
from domains.kernel.database import Reader, Tx
from domains.kernel.pagination.keyset import Direction, Sort, fetch_page
from domains.kernel.pagination.pages import Page, PageArgs
from domains.kernel.ports import Cache
from domains.kernel.prisma.runtime import fetch_parts
from domains.kernel.prisma.statements import Part, PartRows
from domains.kernel.transactions.retries import REFERENCE_ERRORS
from domains.kernel.validation import collect_errors
from domains.promotion import codes, data, sql, targets, validation
from domains.promotion.coupons.coupons import Coupons
from domains.promotion.coupons.models import CouponKey, ValidCode
from domains.promotion.discounts import Share, discount_shares
from domains.promotion.eligibility import NEEDS_CONFIRMED_EMAIL, amount_refusal, buyer_refusal, is_in_segment
from domains.promotion.errors import (
    UNKNOWN_CODE,
    PromoCodeInvalid,
    PromotionCodeTaken,
    PromotionInUse,
    PromotionNotFound,
    TargetsDeleted,
)
from domains.promotion.events import PromotionCreated, PromotionDeleted, PromotionUpdated
from domains.promotion.models import (
    NewPromotion,
    Promotion,
    PromotionChanges,
    PromotionFilter,
    PromotionStatus,
    status_of,
)
from domains.promotion.promotion_rules.changes import rules_after
from domains.promotion.promotion_rules.models import RULE_TYPES, Rule
from domains.promotion.promotion_rules.rules import PromotionRules
from domains.promotion.rate_limit import CodeAttempts
from domains.promotion.redemptions import Redemptions
from domains.promotion.rules import Buyer, BuyerIdentity, BuyerKey, DiscountRule, PricedLine, Redemption
from domains.promotion.segments import sql as segment_sql
from domains.promotion.segments.segments import CustomerSegments
from domains.promotion.targets import PromotionTargets, Targets

ALL_PROMOTIONS: Final = PromotionFilter()
# The last two have no index: a company has few promotions, and only staff list them.
SORT_TYPES: Final = {
    "created_at": datetime,
    "start_date": datetime,
    "name": str,
    "priority": int,
    "current_usage_count": int,
}
MAX_ACTIVE: Final = 100


class PromotionService:
    """Manages promotions and their uses. `domains.pricing` computes the totals of carts with them."""

    def __init__(self, catalog: CatalogService, company: CompanyService, cache: Cache, clock: Clock) -> None:
        self.targets = PromotionTargets(catalog, clock)
        self.promotion_rules = PromotionRules()
        self.redemptions = Redemptions(clock)
        self.segments = CustomerSegments()
        self.coupons = Coupons(catalog, company, self.segments, clock)
        self._company = company
        self._clock = clock
        self.code_attempts = CodeAttempts(cache)

    async def find_promotions(
        self,
        db: Reader,
        args: PageArgs,
        filters: PromotionFilter = ALL_PROMOTIONS,
        *,
        order: str = "created_at",
        direction: Direction = "desc",
    ) -> Page[Promotion]:
        """One page of the promotions, ordered by one of SORT_TYPES. Raises TooLong, and what `fetch_page` raises."""
        where = targets.conditions(filters, self._clock.now())
        return await fetch_page(data.promotion, db, args, sort=Sort(order, SORT_TYPES[order], direction), where=where)

    async def find_promotion(self, db: Reader, promotion_id: UUID) -> Promotion:
        """A promotion. Raises PromotionNotFound."""
        promotion = await data.promotion.find_unique(db, id=promotion_id)
        if promotion is None:
            raise PromotionNotFound(field=("id",))
        return promotion

    def status(self, promotion: Promotion) -> PromotionStatus:
        """The status of a promotion now."""
        return status_of(promotion, self._clock.now())

    async def promotions_by_id(self, db: Reader, ids: Collection[UUID]) -> list[Promotion]:
        """The promotions of these ids, in no order. One statement."""
        return await data.promotion.find_many(db, where={"id": {"in": list(ids)}})

    async def create_promotion(self, tx: Tx, new: NewPromotion) -> Promotion:
        """Create a promotion in the company's currency.

        Raises, for all fields at once, what `validation.checked` raises, PromotionCodeTaken, SegmentNotFound, TooMany
        targets, and NotFound for each product or category that does not exist. Emits PromotionCreated.
        """
        currency = await self._company.currency(tx)
        row, rules, new_targets = await self._validate(tx, new, currency)
        promotion = await data.promotion.create(tx, row | {"currency": currency})
        await self.targets.write(tx, promotion.id, new_targets)
        await self.promotion_rules.write(tx, promotion.id, (), rules)
        tx.emit(PromotionCreated(promotion_id=promotion.id, name=promotion.name, code=promotion.code))
        return promotion

    async def update_promotion(self, tx: Tx, promotion_id: UUID, changes: PromotionChanges) -> Promotion:
        """Change a promotion; absent fields do not change. Existing orders keep their discounts.

        Raises PromotionNotFound, MaximumBelowUse, PromotionStatusNotAllowed, TargetsDeleted, and as
        `create_promotion`. Emits PromotionUpdated when anything changes.
        """
        current = await data.promotion.find_unique(tx, id=promotion_id, lock=True)
        if current is None:
            raise PromotionNotFound
        before = await self._rules_of(tx, current)
        row, rules, new_targets = await self._validate(tx, changes, current.currency, current, before)
        row["targets_deleted"] = current.targets_deleted and not targets.has_targets(changes)
        promotion = await data.promotion.update(tx, id=promotion_id, data=row)
        if promotion.targets_deleted and not targets.has_ended(promotion, self._clock.now()):
            raise TargetsDeleted
        now = self._clock.now()
        if rules == before and targets.has_ended(current, now) and not targets.has_ended(promotion, now):
            await self.targets.require_named(tx, rules)  # a category could be deleted meanwhile
        await self.targets.write(tx, promotion_id, new_targets)
        are_replaced = await self.promotion_rules.write(tx, promotion_id, before, rules)
        if changed := _changed(current, promotion, new_targets, are_replaced=are_replaced):
            tx.emit(PromotionUpdated(promotion_id=promotion_id, changed=changed))
        return promotion

    async def _rules_of(self, db: Reader, promotion: Promotion) -> tuple[Rule, ...]:
        """The rules of a promotion. One statement, none for a type of discount without rules."""
        if promotion.discount_type not in RULE_TYPES.values():
            return ()
        return (await self.promotion_rules.of_promotions(db, [promotion.id])).get(promotion.id, ())

    async def _validate(
        self,
        tx: Tx,
        changes: PromotionChanges,
        currency: str,
        current: Promotion | None = None,
        before: tuple[Rule, ...] = (),
    ) -> tuple[Any, tuple[Rule, ...], Targets]:
        """The row, the rules and the targets of a promotion, validated. Raises all errors at once."""
        discount_type = changes.get("discount_type", None if current is None else current.discount_type)
        rules: tuple[Rule, ...] = ()
        with collect_errors() as each:
            with each:
                row = validation.checked(changes, currency, self._clock.now(), current)
            with each:
                rules = rules_after(changes, discount_type, currency, before)
            with each:
                new_targets = await self.targets.find(tx, changes, () if rules == before else rules)
                await self.targets.require_used(tx, None if current is None else current.id, rules, new_targets)
            with each:
                await self.segments.require(tx, changes.get("segment_id"))
            with each:
                code = validation.normalized_code(changes.get("code") or "")
                if validation.is_code(code) and (current is None or code != current.code):
                    await _require_free(tx, code, current)
        return row, rules, new_targets

    async def delete_promotion(self, tx: Tx, promotion_id: UUID) -> None:
        """Delete a promotion that no order used; carts lose its code.

        Raises PromotionNotFound, PromotionInUse. Emits PromotionDeleted.
        """
        promotion = await data.promotion.find_unique(tx, id=promotion_id, lock=True)
        if promotion is None:
            raise PromotionNotFound
        try:
            await data.promotion.delete(tx, id=promotion_id)
        except REFERENCE_ERRORS as error:
            raise PromotionInUse from error
        tx.emit(PromotionDeleted(promotion_id=promotion_id, code=promotion.code))

    async def get_active_promotions(
        self, db: Reader, now: datetime | None = None, *, is_automatic: bool | None = None
    ) -> list[Promotion]:
        """The active promotions that are not used up, the highest priority first, at most 100. One statement.

        Those of a customer segment are left out: others are told nothing of them.
        """
        moment = now or self._clock.now()
        return await sql.active(db, moment, is_automatic=is_automatic, limit=MAX_ACTIVE)

    async def validate_promo_code(
        self, db: Reader, code: str, buyer: Buyer, subtotal: Decimal | None = None
    ) -> ValidCode:
        """The promotion or coupon of a code that this buyer can use now; with a subtotal, on a purchase of that much.

        One that only requires a confirmed address is returned, and says so. One statement, for a coupon two. Raises
        PromoCodeInvalid with the reason. Attempts are counted by `code_attempts`.
        """
        normalized_code = validation.normalized_code(code)
        found = await sql.find_by_code(db, normalized_code) if validation.is_code(normalized_code) else None
        discount, rule = found or await self.coupons.of_code(db, code)
        self.require_usable([rule], code, buyer, subtotal)
        needs_confirmed_email = buyer_refusal(rule, buyer, self._clock.now()) == NEEDS_CONFIRMED_EMAIL
        return ValidCode(discount, needs_confirmed_email=needs_confirmed_email)

    def require_usable(
        self, promotions: Sequence[DiscountRule], code: str, buyer: Buyer, subtotal: Decimal | None = None
    ) -> DiscountRule:
        """The one of these promotions that has this code, if the buyer can use it now, on a purchase of that much.

        An unknown fact about the buyer is no reason for a refusal. Raises PromoCodeInvalid with the reason.
        """
        normalized_code = validation.normalized_code(code)
        promotion = next(
            (each for each in promotions if each.code is not None and each.code == normalized_code), None
        )
        if promotion is None:
            raise PromoCodeInvalid(code[: validation.CODE_LENGTH], UNKNOWN_CODE)
        reason = buyer_refusal(promotion, buyer, self._clock.now())
        if reason == NEEDS_CONFIRMED_EMAIL:
            reason = None
        if reason is None and subtotal is not None:
            reason = amount_refusal(promotion, subtotal, promotion.currency)
        if reason is not None:
            raise PromoCodeInvalid(code, reason)
        return promotion

    async def candidates(
        self, db: Reader, promotion_ids: Collection[UUID], now: datetime, coupons: Collection[CouponKey] = ()
    ) -> list[DiscountRule]:
        """The discounts that may apply to a cart: those of its codes, and all automatic promotions.

        With their products and categories, in one statement. The quote decides which of them apply.
        """
        parts = [sql.candidates(db, now, promotion_ids)]
        if coupons:
            parts.append(self.coupons.candidates(db, coupons))
        promotions, *of_coupons = await fetch_parts(db, parts)
        return [*sql.rules(promotions), *(rule for rows in of_coupons for rule in self.coupons.rules(rows))]

    def candidates_of_codes(self, db: Reader, codes: str, now: datetime, *, code: str) -> Part:
        """As `candidates`, of the ids that a CTE of this name has in `promotion_id`, and with that of `code`.

        It is a part of another domain's statement, whose rows are then given to `rules`.
        """
        normalized = validation.normalized_code(code)
        return sql.candidates_of_codes(db, now, codes, normalized if validation.is_code(normalized) else None)

    def rules(self, rows: PartRows) -> list[DiscountRule]:
        """What `candidates_of_codes` returned."""
        return sql.rules(rows)

    def candidates_with_buyer(
        self, db: Reader, promotion_ids: Collection[UUID], now: datetime, buyer: BuyerIdentity
    ) -> Part:
        """As `candidates`, and the uses and paid orders of a buyer, by account, address, or both.

        It is a part of another domain's statement, whose rows are then given to `rules_and_buyer`. Only uses of these
        promotions are counted; without any promotion, paid orders are not counted either. The uses of an unconfirmed
        address are in `Buyer.spent` only.
        """
        return sql.candidates_with_buyer(db, now, promotion_ids, buyer)

    def rules_and_buyer(self, rows: PartRows, buyer: BuyerIdentity) -> tuple[list[DiscountRule], Buyer]:
        """What `candidates_with_buyer` returned for this buyer."""
        return sql.rules_and_buyer(rows, buyer)

    async def find_buyers(self, db: Reader, keys: Collection[BuyerKey]) -> Mapping[BuyerKey, Buyer]:
        """The uses and paid orders of users, by account and confirmed address, and of guests, by confirmed mailbox.

        The key None stands for an unidentified buyer without any. At most one statement.
        """
        users = [key for key in keys if isinstance(key, UUID)]
        mailboxes = [key for key in keys if isinstance(key, str)]
        found = await sql.find_buyers(db, users, mailboxes) if users or mailboxes else {}
        return {key: found.get(key, Buyer()) if key is not None else Buyer() for key in keys}

    async def customers_in_segment(self, db: Reader, segment_id: UUID, user_ids: Collection[UUID]) -> set[UUID]:
        """Those of these users who are in a segment now; none for a segment that was deleted. Two statements."""
        segment = await segment_sql.find(db, segment_id)
        if segment is None:
            return set()
        buyers, now = await self.find_buyers(db, list(user_ids)), self._clock.now()
        return {user_id for user_id in user_ids if is_in_segment(segment, buyers[user_id], now)}

    @staticmethod
    def apply_promotion(
        lines: Sequence[PricedLine], left: Sequence[Decimal], promotion: DiscountRule, currency: str
    ) -> list[Share]:
        """The amount that a promotion takes off each line, of which `left` is left to pay, with an explanation.

        Pure. Free shipping takes nothing off lines. `domains.pricing` combines promotions with taxes and shipping.
        """
        return discount_shares(promotion, lines, left, currency)

    def check_eligibility(self, buyer: Buyer, promotion: DiscountRule) -> bool:
        """Whether a buyer can use a promotion now, regardless of the cart."""
        return buyer_refusal(promotion, buyer, self._clock.now()) is None

    async def increment_usage(self, tx: Tx, redemption: Redemption, *, order_id: UUID, buyer: BuyerIdentity) -> None:
        """Redeem a promotion or coupon once for an order; see `redemptions.redeem`."""
        await self.redemptions.redeem(tx, [redemption], order_id=order_id, buyer=buyer)


def _changed(before: Promotion, after: Promotion, new_targets: Targets, *, are_replaced: bool) -> list[str]:
    """The names of the columns that differ, and of the targets and rules that were replaced."""
    columns = [name for name in validation.FIELDS if getattr(before, name) != getattr(after, name)]
    replaced = {"product_ids": new_targets.product_ids, "category_ids": new_targets.category_ids}
    names = [name for name, ids in replaced.items() if ids is not None]
    return sorted([*columns, *names, *(["rules"] if are_replaced else [])])


async def _require_free(tx: Tx, code: str, current: Promotion | None) -> None:
    """Raise PromotionCodeTaken when another promotion or a coupon has the code."""
    await codes.lock(tx)
    if await codes.taken(tx, [code], owner_id=None if current is None else current.id):
        raise PromotionCodeTaken(code)
