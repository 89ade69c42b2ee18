"""The promotions: what they are, whom they are for, and how often they may still be used."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

import asyncpg

from domains.catalog.service import CatalogService
from domains.company.service import CompanyService
from domains.kernel.clock import Clock
from domains.kernel.database import REFERRED_TO, Reader, Tx
from domains.kernel.pagination.keyset import Direction, Sort, fetch_page
from domains.kernel.pagination.pages import Page, PageArgs
from domains.kernel.ports import Cache
from domains.kernel.validation import collect_errors
from domains.promotion import data, sql, targets, validation
from domains.promotion.basket import Buyer, BuyerKey, Claimant, PricedLine, PromotionTerms
from domains.promotion.discounts import Share, shares_of
from domains.promotion.eligibility import NEEDS_CONFIRMED_EMAIL, reason_against, reason_against_amount
from domains.promotion.errors import CodeTaken, PromoCodeInvalid, PromotionInUse, PromotionNotFound, TargetsDeleted
from domains.promotion.models import NewPromotion, Promotion, PromotionChanges, PromotionFilter
from domains.promotion.rate_limit import CodeGuesses
from domains.promotion.redemptions import Redemptions
from domains.promotion.targets import PromotionTargets, Targets

EVERY: Final = PromotionFilter()
# The last two have no index of their own: a company's promotions are few, and staff alone list them.
SORTS: Final = {
    "created_at": datetime,
    "start_date": datetime,
    "name": str,
    "priority": int,
    "current_usage_count": int,
}
MOST_SHOWN: Final = 100
UNKNOWN: Final = "There is no such code."


class PromotionService:
    """Keeps promotions and their uses. `domains.pricing` computes the totals of carts with them."""

    def __init__(self, catalog: CatalogService, company: CompanyService, cache: Cache, clock: Clock) -> None:
        self.targets = PromotionTargets(catalog, clock)
        self.redemptions = Redemptions(clock)
        self._company = company
        self._clock = clock
        self.guesses = CodeGuesses(cache)

    async def find_promotions(
        self,
        db: Reader,
        args: PageArgs,
        wanted: PromotionFilter = EVERY,
        *,
        order: str = "created_at",
        direction: Direction = "desc",
    ) -> Page[Promotion]:
        """One page of the promotions, ordered by one of SORTS. Raises InvalidInput, TooLong."""
        where = targets.conditions(wanted, self._clock.now())
        return await fetch_page(data.promotion, db, args, sort=Sort(order, SORTS[order], direction), where=where)

    async def find_promotion(self, db: Reader, promotion_id: UUID) -> Promotion:
        """A promotion. Raises PromotionNotFound."""
        promotion = await data.promotion.find_unique(db, id=promotion_id)
        if promotion is None:
            raise PromotionNotFound(field=("id",))
        return promotion

    async def promotions_by_id(self, db: Reader, ids: Collection[UUID]) -> list[Promotion]:
        """The promotions of these ids, in no order. One statement."""
        return await data.promotion.find_many(db, where={"id": {"in": list(ids)}})

    async def create_promotion(self, tx: Tx, given: NewPromotion) -> Promotion:
        """Make a promotion in the company's currency.

        Raises, of all fields at once, Required, TooLong, InvalidInput with the path of the field, CodeTaken, NotFound
        for each product or category that does not exist.
        """
        currency = await self._company.currency(tx)
        row, wanted_targets = await self._read(tx, given, currency)
        try:
            promotion = await data.promotion.create(tx, row | {"currency": currency})
        except asyncpg.UniqueViolationError as error:
            raise CodeTaken(row["code"]) from error
        await self.targets.write(tx, promotion.id, wanted_targets)
        return promotion

    async def update_promotion(self, tx: Tx, promotion_id: UUID, changes: PromotionChanges) -> Promotion:
        """Change a promotion; what is absent stays. Orders that used it keep what they got.

        Raises PromotionNotFound, MaximumBelowUse, TargetsDeleted, and what `create_promotion` raises.
        """
        current = await data.promotion.find_unique(tx, id=promotion_id, lock=True)
        if current is None:
            raise PromotionNotFound
        row, wanted_targets = await self._read(tx, changes, current.currency, current)
        row["targets_deleted"] = current.targets_deleted and not targets.says_targets(changes)
        try:
            promotion = await data.promotion.update(tx, id=promotion_id, data=row)
        except asyncpg.UniqueViolationError as error:
            raise CodeTaken(row["code"]) from error
        if promotion.targets_deleted and not targets.is_over(promotion, self._clock.now()):
            raise TargetsDeleted
        await self.targets.write(tx, promotion_id, wanted_targets)
        return promotion

    async def _read(
        self, tx: Tx, changes: PromotionChanges, currency: str, current: Promotion | None = None
    ) -> tuple[Any, Targets]:
        """A promotion's row and what it is for, read whole. Raises all that is wrong with them."""
        with collect_errors() as each:
            with each:
                row = validation.checked(changes, currency, self._clock.now(), current)
            with each:
                found = await self.targets.find(tx, changes)
            with each:
                code = validation.folded(changes.get("code") or "")
                if each.errors and validation.is_code(code):  # alone, writing finds it out
                    await _require_free(tx, code, current)
        return row, found

    async def delete_promotion(self, tx: Tx, promotion_id: UUID) -> None:
        """Delete a promotion that no order used; carts lose its code. Raises PromotionNotFound, PromotionInUse."""
        if await data.promotion.find_unique(tx, id=promotion_id, lock=True) is None:
            raise PromotionNotFound
        try:
            await data.promotion.delete(tx, id=promotion_id)
        except REFERRED_TO as error:
            raise PromotionInUse from error

    async def get_active_promotions(
        self, db: Reader, now: datetime | None = None, *, is_automatic: bool | None = None
    ) -> list[Promotion]:
        """What is in force now and not used up, the highest priority first, at most 100. One statement."""
        moment = now or self._clock.now()
        return await sql.in_force(db, moment, is_automatic=is_automatic, most=MOST_SHOWN)

    async def validate_promo_code(
        self, db: Reader, code: str, buyer: Buyer, subtotal: Decimal | None = None
    ) -> Promotion:
        """The promotion of a code that this buyer can use now; with a subtotal, on a purchase of that much.

        One that waits for the buyer's address to be confirmed passes, see `needs_confirmed_email`. At most one
        statement. Raises PromoCodeInvalid with the reason. Tries go through `guesses.one`.
        """
        wanted = validation.folded(code)
        found = await sql.find_by_code(db, wanted) if validation.is_code(wanted) else None
        self.require_usable([found[1]] if found else [], code, buyer, subtotal)
        return found[0]  # type: ignore[index] # nothing found is refused

    def require_usable(
        self, promotions: Sequence[PromotionTerms], code: str, buyer: Buyer, subtotal: Decimal | None = None
    ) -> PromotionTerms:
        """The one of these promotions that has this code, if the buyer can use it now, on a purchase of that much.

        What is not known of a buyer does not stand against them. Raises PromoCodeInvalid with the reason.
        """
        wanted = validation.folded(code)
        promotion = next((one for one in promotions if one.code is not None and one.code == wanted), None)
        if promotion is None:
            raise PromoCodeInvalid(code[: validation.CODE_LENGTH], UNKNOWN)
        reason = reason_against(promotion, buyer, self._clock.now())
        if reason == NEEDS_CONFIRMED_EMAIL:
            reason = None
        if reason is None and subtotal is not None:
            reason = reason_against_amount(promotion, subtotal, promotion.currency)
        if reason is not None:
            raise PromoCodeInvalid(code, reason)
        return promotion

    async def candidates(
        self, db: Reader, promotion_ids: Collection[UUID], now: datetime, *, code: str | None = None
    ) -> list[PromotionTerms]:
        """What may apply to a cart with the codes of these promotions, and with this one: those, and all automatic.

        With their products and categories, in one statement; the quote says which of them do apply.
        """
        wanted = validation.folded(code or "")
        return await sql.candidates(db, now, promotion_ids, wanted if validation.is_code(wanted) else None)

    async def candidates_for(
        self, db: Reader, promotion_ids: Collection[UUID], now: datetime, who: Claimant
    ) -> tuple[list[PromotionTerms], Buyer]:
        """The same, with what is known of a buyer by account, by address, or both. One statement.

        The buyer's uses are those of these promotions; without any promotion their paid orders are not counted. What
        an address that is not confirmed has used stands in `Buyer.spent` alone.
        """
        return await sql.candidates_for(db, now, promotion_ids, who)

    async def buyers_of(self, db: Reader, keys: Collection[BuyerKey]) -> Mapping[BuyerKey, Buyer]:
        """What is known of users, by account and confirmed address, and of guests, by confirmed mailbox.

        Nothing is known of None, who is nobody yet. One statement, none for nobody.
        """
        users = [key for key in keys if isinstance(key, UUID)]
        mailboxes = [key for key in keys if isinstance(key, str)]
        found = await sql.find_buyers(db, users, mailboxes) if users or mailboxes else {}
        return {key: found.get(key, Buyer()) if key is not None else Buyer() for key in keys}

    @staticmethod
    def apply_promotion(
        lines: Sequence[PricedLine], left: Sequence[Decimal], promotion: PromotionTerms, currency: str
    ) -> list[Share]:
        """The amount that a promotion takes off each line, of which `left` is left to pay, with an explanation.

        Pure. Free shipping takes nothing off lines. `domains.pricing` combines promotions with taxes and shipping.
        """
        return shares_of(promotion, lines, left, currency)

    def needs_confirmed_email(self, buyer: Buyer, promotion: Promotion) -> bool:
        """Whether it takes the buyer's confirmed address to say if they can use a promotion."""
        terms = PromotionTerms.of(promotion, frozenset(), frozenset())
        return reason_against(terms, buyer, self._clock.now()) == NEEDS_CONFIRMED_EMAIL

    def check_eligibility(self, buyer: Buyer, promotion: PromotionTerms) -> bool:
        """Whether a buyer can use a promotion now, as far as the cart does not matter."""
        return reason_against(promotion, buyer, self._clock.now()) is None

    async def increment_usage(self, tx: Tx, promotion_id: UUID, *, order_id: UUID, who: Claimant) -> None:
        """Use one promotion once more; see `redemptions.claim`."""
        await self.redemptions.claim(tx, [promotion_id], order_id=order_id, who=who)


async def _require_free(tx: Tx, code: str, current: Promotion | None) -> None:
    """Raise CodeTaken when another promotion has the code."""
    other = await data.promotion.find_unique(tx, code=code)
    if other is not None and (current is None or other.id != current.id):
        raise CodeTaken(code)
