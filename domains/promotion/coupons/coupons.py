"""Coupons: discounts that buyers get by a code that they share, or by unique codes."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from domains.catalog.service import CatalogService
from domains.company.service import CompanyService
from domains.kernel.clock import Clock
from domains.kernel.database import Reader, Tx
from domains.kernel.pagination.keyset import Direction, Sort, fetch_page
from domains.kernel.pagination.pages import Page, PageArgs
from domains.kernel.prisma.runtime import fetch_parts
from domains.kernel.prisma.statements import Part, PartRows
from domains.kernel.transactions.retries import REFERENCE_ERRORS
from domains.kernel.validation import collect_errors
from domains.promotion import codes, data
from domains.promotion.coupons import listing, sql, validation
from domains.promotion.coupons.coupon_codes import CouponCodes
from domains.promotion.coupons.errors import (
    CouponHasCodes,
    CouponInUse,
    CouponNotFound,
    CouponTargetsDeleted,
    DiscountCodeTaken,
)
from domains.promotion.coupons.events import CouponCreated, CouponDeleted, CouponUpdated
from domains.promotion.coupons.models import (
    Coupon,
    CouponChanges,
    CouponFilter,
    CouponKey,
    CouponUsage,
    NewCoupon,
)
from domains.promotion.coupons.targets import CouponTargets, CouponTargetsStore, has_ended, has_targets
from domains.promotion.errors import UNKNOWN_CODE, PromoCodeInvalid
from domains.promotion.rules import Buyer, BuyerIdentity, DiscountRule
from domains.promotion.segments.segments import CustomerSegments
from domains.promotion.validation import CODE_LENGTH, is_code, normalized_code

ALL_COUPONS: Final = CouponFilter()
NO_TARGETS: Final[Mapping[str, Collection[UUID]]] = {}


class Coupons:
    """Manages the coupons of a company."""

    def __init__(
        self, catalog: CatalogService, company: CompanyService, segments: CustomerSegments, clock: Clock
    ) -> None:
        self.targets = CouponTargetsStore(catalog, clock)
        self.codes = CouponCodes()
        self._company = company
        self._segments = segments
        self._clock = clock

    # ---- reading

    async def find(
        self,
        db: Reader,
        args: PageArgs,
        filters: CouponFilter = ALL_COUPONS,
        *,
        order: str = "created_at",
        direction: Direction = "desc",
    ) -> Page[Coupon]:
        """One page of the coupons, ordered by one of `listing.SORT_TYPES`. Raises TooLong and as `fetch_page`.

        One statement more with a code.
        """
        ids = None if filters.code is None else await sql.coupons_of_code(db, filters.code)
        where = listing.conditions(filters, self._clock.now(), ids)
        sort = Sort(order, listing.SORT_TYPES[order], direction)
        return await fetch_page(data.coupon, db, args, sort=sort, where=where)

    async def get(self, db: Reader, coupon_id: UUID) -> Coupon:
        """A coupon. Raises CouponNotFound. One statement."""
        coupon = await data.coupon.find_unique(db, id=coupon_id)
        if coupon is None:
            raise CouponNotFound
        return coupon

    async def by_id(self, db: Reader, ids: Collection[UUID]) -> list[Coupon]:
        """The coupons of these ids, in no order. One statement."""
        return await data.coupon.find_many(db, where={"id": {"in": list(ids)}})

    async def usages_by_id(self, db: Reader, ids: Collection[UUID]) -> list[CouponUsage]:
        """The uses of these ids, in no order. One statement."""
        return await data.coupon_usage.find_many(db, where={"id": {"in": list(ids)}})

    async def usages(self, db: Reader, args: PageArgs, coupon_id: UUID) -> Page[CouponUsage]:
        """One page of the uses of a coupon, newest first, with released ones. Raises as `fetch_page`."""
        where = {"coupon_id": coupon_id}
        sort = Sort("used_at", datetime, "desc")
        return await fetch_page(data.coupon_usage, db, args, sort=sort, where=where)

    # ---- changing

    async def create(self, tx: Tx, new: NewCoupon) -> Coupon:
        """Create a coupon in the company's currency. Without a code it gets unique ones, see `codes`.

        Raises, for all fields at once, what `validation.checked` raises, DiscountCodeTaken,
        SegmentNotFound, and what `CouponTargetsStore.find` raises. Emits CouponCreated.
        """
        currency = await self._company.currency(tx)
        row, new_targets = await self._validate(tx, new, currency)
        coupon = await data.coupon.create(tx, row | {"currency": currency})
        await self.targets.write(tx, coupon.id, new_targets)
        tx.emit(CouponCreated(coupon_id=coupon.id, name=coupon.name))
        return coupon

    async def update(self, tx: Tx, coupon_id: UUID, changes: CouponChanges) -> Coupon:
        """Change a coupon; absent fields do not change. Existing orders keep their discounts.

        Raises CouponNotFound, LimitBelowUse, CouponTargetsDeleted, CouponHasCodes, and as `create`. Emits
        CouponUpdated when anything changes.
        """
        current = await data.coupon.find_unique(tx, id=coupon_id, lock=True)
        if current is None:
            raise CouponNotFound
        row, new_targets = await self._validate(tx, changes, current.currency, current)
        row["targets_deleted"] = current.targets_deleted and not has_targets(changes)
        coupon = await data.coupon.update(tx, id=coupon_id, data=row)
        if coupon.targets_deleted and not has_ended(coupon, self._clock.now()):
            raise CouponTargetsDeleted
        await self.targets.write(tx, coupon_id, new_targets)
        changed = [name for name in validation.FIELDS if getattr(current, name) != getattr(coupon, name)]
        if changed or new_targets.names:
            tx.emit(CouponUpdated(coupon_id=coupon_id, changed=sorted([*changed, *new_targets.names])))
        return coupon

    async def delete(self, tx: Tx, coupon_id: UUID) -> None:
        """Delete a coupon that no order used, with its codes; carts lose it.

        Raises CouponNotFound, CouponInUse. Emits CouponDeleted.
        """
        if await data.coupon.find_unique(tx, id=coupon_id, lock=True) is None:
            raise CouponNotFound
        try:
            await data.coupon.delete(tx, id=coupon_id)
        except REFERENCE_ERRORS as error:
            raise CouponInUse from error
        tx.emit(CouponDeleted(coupon_id=coupon_id))

    async def _validate(
        self, tx: Tx, changes: CouponChanges, currency: str, current: Coupon | None = None
    ) -> tuple[Any, CouponTargets]:
        """The row and the targets of a coupon, validated. Raises all errors at once."""
        names_targets = current is not None and any(name.endswith("_ids") for name in changes)
        stored = await self.targets.stored(tx, current.id) if current and names_targets else NO_TARGETS
        with collect_errors() as each:
            with each:
                row = validation.checked(changes, currency, self._clock.now(), current)
            with each:
                new_targets = await self.targets.find(tx, changes, stored)
            with each:
                await self._segments.require(tx, changes.get("segment_id"))
            with each:
                await self._require_code(tx, normalized_code(changes.get("code") or ""), current)
        return row, new_targets

    async def _require_code(self, tx: Tx, code: str, current: Coupon | None) -> None:
        """Raise CouponHasCodes for a shared code beside unique ones, DiscountCodeTaken for one that exists."""
        if not is_code(code) or (current is not None and current.code == code):
            return
        if current is not None and await data.coupon_code.find_first(tx, where={"coupon_id": current.id}):
            raise CouponHasCodes("The coupon has unique codes, so it cannot have a shared one.", field=("code",))
        await codes.lock(tx)
        if await codes.taken(tx, [code], owner_id=current.id if current else None):
            raise DiscountCodeTaken([code])

    # ---- discounts

    async def of_code(self, db: Reader, code: str) -> tuple[Coupon, DiscountRule]:
        """The coupon of a shared or unique code, and its rule. One statement. Raises PromoCodeInvalid."""
        part = self.candidates_of_code(db, sql.NO_CODES, code=code)
        (rows,) = await fetch_parts(db, [part])
        if not rows.rows:
            raise PromoCodeInvalid(code[:CODE_LENGTH], UNKNOWN_CODE)
        return data.coupon.from_record(rows.rows[0], rows.start), sql.rules(rows)[0]

    def candidates(self, db: Reader, coupons: Collection[CouponKey]) -> Part:
        """The coupons of carts: a part of a statement, whose rows are then given to `rules`."""
        return sql.candidates(db, coupons)

    def candidates_of_code(self, db: Reader, codes: str, *, code: str) -> Part:
        """As `candidates`, of the pairs that a CTE of this name has, and with that of `code`."""
        normalized = normalized_code(code)
        return sql.candidates_of_code(db, codes, normalized if is_code(normalized) else None)

    def candidates_with_buyer(self, db: Reader, coupons: Collection[CouponKey], buyer: BuyerIdentity) -> Part:
        """As `candidates`, with a buyer's uses and history; the rows are then given to `rules_and_buyer`."""
        return sql.candidates_with_buyer(db, coupons, buyer)

    def rules(self, rows: PartRows) -> Sequence[DiscountRule]:
        """What `candidates` and `candidates_of_code` returned."""
        return sql.rules(rows)

    def rules_and_buyer(self, rows: PartRows, buyer: Buyer) -> tuple[list[DiscountRule], Buyer]:
        """What `candidates_with_buyer` returned: the rules, and the buyer with their uses and history."""
        return sql.rules_and_buyer(rows, buyer)
