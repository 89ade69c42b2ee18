"""Unique codes of coupons: generated or given, switched off, deleted, listed and exported."""

import re
import secrets
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from domains.kernel.database import Reader, Tx
from domains.kernel.errors import InvalidInput, OutOfRange
from domains.kernel.pagination.keyset import Sort, fetch_page
from domains.kernel.pagination.pages import Page, PageArgs
from domains.kernel.text.validation import Required
from domains.kernel.validation import collect_errors
from domains.promotion import codes, data
from domains.promotion.coupons import code_file, listing
from domains.promotion.coupons.errors import (
    SHOWN,
    CodesRepeated,
    CouponCodeInUse,
    CouponCodeNotFound,
    CouponHasCodes,
    CouponNotFound,
    DiscountCodeTaken,
)
from domains.promotion.coupons.events import CouponCodesCreated, CouponUpdated
from domains.promotion.coupons.models import CouponCode
from domains.promotion.coupons.validation import require_count
from domains.promotion.validation import CODE_LENGTH, FORM, is_code, normalized_code

# 32 characters without those that look like others: 0 and O, 1 and I. Five bits each.
ALPHABET: Final = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
MAX_NEW: Final = 10_000
MAX_CHANGED: Final = 250
DEFAULT_LENGTH: Final = 12  # 60 bits
MIN_LENGTH: Final = 8  # 40 bits
SEPARATOR: Final = "-"
BETWEEN: Final = re.compile(r"[\s,;]+")


class CouponCodes:
    """Manages the unique codes of coupons."""

    def __init__(self, choose: Callable[[str], str] = secrets.choice) -> None:
        self.csv = code_file.csv_of
        self._choose = choose

    async def generate(
        self,
        tx: Tx,
        coupon_id: UUID,
        count: int,
        *,
        prefix: str | None = None,
        length: int = DEFAULT_LENGTH,
        usage_limit: int = 1,
    ) -> int:
        """Generate random codes of `length` characters after a prefix; each is good for `usage_limit` orders.

        Returns their number. Raises, for all fields at once, OutOfRange and InvalidInput; CouponNotFound and
        CouponHasCodes. Emits CouponCodesCreated. Four statements.
        """
        with collect_errors() as each:
            with each:
                _require_number(count)
            with each:
                start = _start(prefix)
            with each:
                if not MIN_LENGTH <= length <= CODE_LENGTH - len(normalized_code(prefix or "")) - 1:
                    most = CODE_LENGTH - len(normalized_code(prefix or "")) - 1
                    raise OutOfRange(f"`length` must be between {MIN_LENGTH} and {most}.", field="length")
            with each:
                require_count(usage_limit, "usage_limit")
        await _lock_coupon(tx, coupon_id)
        found: set[str] = set()
        while len(found) < count:
            found |= {start + self._random(length) for _ in range(count - len(found))}
            found -= await codes.taken(tx, found)
        return await _store(tx, coupon_id, sorted(found), usage_limit)

    async def add(self, tx: Tx, coupon_id: UUID, new_codes: Sequence[str], *, usage_limit: int = 1) -> int:
        """Add codes of one's own, all or none; each is good for `usage_limit` orders. Returns their number.

        Raises, for all codes at once, InvalidInput, CodesRepeated and DiscountCodeTaken, each with the first of them;
        OutOfRange, CouponNotFound and CouponHasCodes. Emits CouponCodesCreated. Four statements.
        """
        with collect_errors() as each:
            with each:
                _require_number(len(new_codes), "codes")
            with each:
                require_count(usage_limit, "usage_limit")
        wanted = [normalized_code(code) for code in new_codes]
        await _lock_coupon(tx, coupon_id)
        with collect_errors() as each:
            for index in [index for index, code in enumerate(wanted) if not is_code(code)][:SHOWN]:
                with each:
                    raise InvalidInput(FORM, field=("codes", str(index)))
            with each:
                if repeated := _repeated(wanted):
                    raise CodesRepeated(repeated)
            with each:
                if taken := await codes.taken(tx, set(wanted)):
                    raise DiscountCodeTaken([code for code in wanted if code in taken], field=("codes",))
        return await _store(tx, coupon_id, wanted, usage_limit)

    async def set_active(self, tx: Tx, ids: Sequence[UUID], *, is_active: bool) -> list[CouponCode]:
        """Switch unique codes on or off, all or none; orders keep their discounts. In the order of the ids.

        Raises CouponCodeNotFound for each that does not exist, OutOfRange for more than 250. Two statements. Emits
        CouponUpdated for each of their coupons.
        """
        found = await _locked(tx, ids)
        await data.coupon_code.update_many(tx, where={"id": {"in": list(found)}}, data={"is_active": is_active})
        _emit(tx, found)
        by_id = {code.id: code for code in await self.by_id(tx, found)}
        return [by_id[code_id] for code_id in dict.fromkeys(ids)]

    async def delete(self, tx: Tx, ids: Sequence[UUID]) -> None:
        """Delete unique codes that no order used, all or none; carts lose them.

        Raises CouponCodeNotFound for each that does not exist, CouponCodeInUse, OutOfRange for more than 250. Three
        statements. Emits CouponUpdated for each of their coupons.
        """
        found = await _locked(tx, ids)
        where: data.CouponUsageWhere = {"coupon_code_id": {"in": list(found)}}
        used = {usage.coupon_code_id for usage in await data.coupon_usage.find_many(tx, where=where)}
        if used:
            raise CouponCodeInUse([code.code for code_id, code in found.items() if code_id in used])
        await data.coupon_code.delete_many(tx, where={"id": {"in": list(found)}})
        _emit(tx, found)

    async def find(
        self, db: Reader, args: PageArgs, coupon_id: UUID, *, is_used: bool | None = None, code: str | None = None
    ) -> Page[CouponCode]:
        """One page of the unique codes of a coupon, oldest first; `code` is a whole one. Raises as `fetch_page`."""
        where: dict[str, Any] = {"coupon_id": coupon_id}
        if is_used is not None:
            where["usage_count"] = {"gt": 0} if is_used else 0
        if code is not None:
            where["AND"] = [listing.of_code(code)]
        return await fetch_page(data.coupon_code, db, args, sort=Sort("created_at", datetime), where=where)

    async def by_id(self, db: Reader, ids: Collection[UUID]) -> list[CouponCode]:
        """The unique codes of these ids, in no order. One statement."""
        return await data.coupon_code.find_many(db, where={"id": {"in": list(ids)}})

    def _random(self, length: int) -> str:
        return "".join(self._choose(ALPHABET) for _ in range(length))


def codes_in(text: str) -> list[str]:
    """The codes in a text, separated by white space, commas or semicolons."""
    return [code for code in BETWEEN.split(text) if code]


def _require_number(count: int, name: str = "count") -> None:
    if not 1 <= count <= MAX_NEW:
        noun = "codes" if name == "codes" else "`count`"
        subject = "The number of codes" if noun == "codes" else noun
        raise OutOfRange(f"{subject} must be between 1 and {MAX_NEW:,} at once.", field=name)


def _start(prefix: str | None) -> str:
    """The prefix with its separator. Raises InvalidInput."""
    text = normalized_code(prefix or "")
    if text and not is_code(text):
        raise InvalidInput(FORM.replace("A code", "A prefix"), field="prefix")
    return f"{text}{SEPARATOR}" if text else ""


def _repeated(wanted: Sequence[str]) -> list[str]:
    """The codes that occur more than once, in their order."""
    seen: set[str] = set()
    repeated: dict[str, None] = {}
    for code in wanted:
        if code in seen:
            repeated[code] = None
        seen.add(code)
    return list(repeated)


async def _lock_coupon(tx: Tx, coupon_id: UUID) -> None:
    """Lock a coupon that may get unique codes, then the codes of the company."""
    coupon = await data.coupon.find_unique(tx, id=coupon_id, lock=True)
    if coupon is None:
        raise CouponNotFound(field=("coupon_id",))
    if coupon.code is not None:
        raise CouponHasCodes(
            f"The coupon has the shared code {coupon.code!r}. Remove it first, or create another coupon.",
            field=("coupon_id",),
        )
    await codes.lock(tx)


async def _store(tx: Tx, coupon_id: UUID, new_codes: Sequence[str], usage_limit: int) -> int:
    now = tx.clock.now()
    tx.emit(CouponCodesCreated(coupon_id=coupon_id, count=len(new_codes)))
    return await code_file.insert(tx, coupon_id, new_codes, usage_limit, now)


def _emit(tx: Tx, changed: Mapping[UUID, CouponCode]) -> None:
    """Emit CouponUpdated for each coupon of these codes."""
    for coupon_id in sorted({code.coupon_id for code in changed.values()}):
        tx.emit(CouponUpdated(coupon_id=coupon_id, changed=["codes"]))


async def _locked(tx: Tx, ids: Sequence[UUID]) -> dict[UUID, CouponCode]:
    """Unique codes by id, locked in the order of ids. Raises CouponCodeNotFound for each that does not exist."""
    if not ids:
        raise Required("Give the `ids` of codes.", field="ids")
    if len(ids) > MAX_CHANGED:
        raise OutOfRange(f"At most {MAX_CHANGED} codes can be changed at once.", field="ids")
    rows = await data.coupon_code.find_many(tx, where={"id": {"in": list(ids)}}, order_by=[{"id": "asc"}], lock=True)
    found = {row.id: row for row in rows}
    with collect_errors() as each:
        for index, code_id in enumerate(ids):
            with each:
                if code_id not in found:
                    raise CouponCodeNotFound(code_id, field=("ids", str(index)))
    return found
