"""Coupons and their codes: created, changed and deleted with clear errors, and no code is given twice."""

import asyncio
from collections.abc import Awaitable
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from domains.catalog.models import Category
from domains.kernel.actor import Actor
from domains.kernel.clock import FixedClock
from domains.kernel.database import Database, Reader, Tx
from domains.kernel.errors import DomainError
from domains.kernel.ids import new_id
from domains.kernel.monitoring.statement_counts import counting
from domains.kernel.pagination.pages import PageArgs
from domains.kernel.validation import errors_of
from domains.promotion.coupons.coupon_codes import ALPHABET
from domains.promotion.coupons.coupons import Coupons
from domains.promotion.coupons.errors import (
    CouponCodeInUse,
    CouponCodeNotFound,
    CouponHasCodes,
    CouponInUse,
    CouponNotFound,
    CouponTargetsDeleted,
    DiscountCodeTaken,
    LimitBelowUse,
)
from domains.promotion.coupons.events import CouponCodesCreated, CouponCreated, CouponDeleted, CouponUpdated
from domains.promotion.coupons.models import CouponChanges, CouponFilter, CouponStatus, CouponType
from domains.promotion.errors import PromotionCodeTaken
from tests.domains.catalog.conftest import MakeProduct
from tests.domains.promotion.conftest import MakePromotion
from tests.domains.promotion.coupons.conftest import MakeCodes, MakeCoupon, UseCoupon, five_percent, use_of


async def refused(work: Awaitable[Any]) -> list[tuple[str, str]]:
    """The paths of the fields of a refusal, each with its message."""
    with pytest.raises(DomainError) as caught:
        await work
    return [(".".join(error.field), error.message) for error in errors_of(caught.value)]


async def fields(work: Awaitable[Any]) -> list[str]:
    """The paths of the fields of a refusal."""
    return sorted(path for path, _ in await refused(work))


async def test_a_coupon_is_created_changed_and_deleted(tx: Tx, coupons: Coupons) -> None:
    made = await coupons.create(tx, five_percent(code=" five "))
    assert (made.code, made.discount_value, made.usage_limit, made.currency) == ("FIVE", Decimal(5), None, "EUR")
    await coupons.update(tx, made.id, CouponChanges(usage_limit=3, maximum_discount=Decimal("9.50")))
    await coupons.update(tx, made.id, CouponChanges(code="five"))
    await coupons.delete(tx, made.id)
    assert tx.events == [
        CouponCreated(coupon_id=made.id, name="Five off"),
        CouponUpdated(coupon_id=made.id, changed=["maximum_discount", "usage_limit"]),
        CouponDeleted(coupon_id=made.id),
    ]
    with pytest.raises(CouponNotFound):
        await coupons.get(tx, made.id)


async def test_all_errors_of_a_coupon_are_reported_at_once(
    tx: Tx, coupons: Coupons, clock: FixedClock, make_product: MakeProduct
) -> None:
    product, unknown = await make_product(), new_id()
    given = five_percent(
        name=" ",
        code="NO SPACE",
        discount_value=Decimal(101),
        minimum_amount=Decimal("0.001"),
        maximum_discount=Decimal(0),
        usage_limit=0,
        usage_limit_per_user=-1,
        ends_at=clock.now() - timedelta(days=1),
        product_ids=[product.id],
        excluded_product_ids=[product.id],
        excluded_category_ids=[unknown],
    )
    assert await fields(coupons.create(tx, given)) == [
        "code",
        "discount_value",
        "ends_at",
        "excluded_category_ids.0",
        "excluded_product_ids",
        "maximum_discount",
        "minimum_amount",
        "name",
        "usage_limit",
        "usage_limit_per_user",
    ]


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"type": CouponType.FREE_SHIPPING}, "discount_value"),
        ({"type": CouponType.FIXED_AMOUNT, "maximum_discount": Decimal(1)}, "maximum_discount"),
        ({"type": CouponType.FIXED_AMOUNT, "discount_value": Decimal(0)}, "discount_value"),
        ({"discount_value": None}, "discount_value"),
        ({"discount_value": Decimal("1.00001")}, "discount_value"),
        ({"type": None}, "type"),
    ],
)
async def test_a_value_that_contradicts_the_type_is_refused(
    tx: Tx, coupons: Coupons, given: dict[str, Any], field: str
) -> None:
    assert await fields(coupons.create(tx, five_percent(**given))) == [field]


async def test_a_limit_below_the_use_is_refused(
    coupons: Coupons, make_coupon: MakeCoupon, use_coupon: UseCoupon, tx: Tx
) -> None:
    coupon = await make_coupon()
    for number in range(2):
        await use_coupon(use_of(coupon), email=f"b{number}@example.com")
    with pytest.raises(LimitBelowUse, match="used 2 times already; `usage_limit` cannot be 1"):
        await coupons.update(tx, coupon.id, CouponChanges(usage_limit=1))
    with pytest.raises(CouponInUse):
        await coupons.delete(tx, coupon.id)


async def test_ten_thousand_codes_are_generated_in_four_statements(
    coupons: Coupons, make_coupon: MakeCoupon, database: Database, actor: Actor, owner: Any
) -> None:
    coupon = await make_coupon(code=None)
    async with database.transaction(actor) as tx:
        with counting() as counts:
            assert await coupons.codes.generate(tx, coupon.id, 10_000, prefix="vip") == 10_000
        assert counts.data == 4
        assert tx.events == [CouponCodesCreated(coupon_id=coupon.id, count=10_000)]
    rows = [row["code"] for row in await owner.fetch("select code from coupon_codes where coupon_id = $1", coupon.id)]
    assert len(set(rows)) == 10_000
    assert {code[:4] for code in rows} == {"VIP-"}
    assert {len(code) for code in rows} == {4 + 12}
    assert set("".join(code[4:] for code in rows)) == set(ALPHABET)
    assert len(ALPHABET) ** 12 == 2**60


async def test_a_generated_code_that_exists_is_drawn_again(
    coupons: Coupons, make_coupon: MakeCoupon, make_codes: MakeCodes, tx: Tx
) -> None:
    taken = await make_coupon(code=None)
    await make_codes(taken, "22222222")
    coupon = await coupons.create(tx, five_percent(code=None))
    drawn = iter("22222222" + "33333333" + "33333333" + "44444444")
    coupons.codes._choose = lambda _: next(drawn)
    assert await coupons.codes.generate(tx, coupon.id, 2, length=8) == 2
    page = await coupons.codes.find(tx, PageArgs(), coupon.id)
    assert [code.code for code in page.items] == ["33333333", "44444444"]


async def test_ten_thousand_codes_with_doubles_are_refused_by_name_and_none_is_added(
    coupons: Coupons, make_coupon: MakeCoupon, make_codes: MakeCodes, database: Database, actor: Actor, owner: Any
) -> None:
    coupon = await make_coupon(code=None)
    await make_codes(coupon, "HERE-1")
    codes = [f"C{number}" for number in range(9_990)]
    codes += ["c7", "C8 ", "C8", "C9", "A B", "HERE-1", "", "C1", "C2", "C3"]

    async def add(tx: Tx) -> int:
        return await coupons.codes.add(tx, coupon.id, codes)

    form = "A code has 1 to 50 letters and digits (A to Z, 0 to 9), in parts joined by `-` or `_`."
    doubles = "The codes 'C7', 'C8', 'C9', 'C1', 'C2' and 1 more are more than once in the list. Give each code once."
    assert await refused(database.run(add, actor)) == [
        ("codes.9994", form),
        ("codes.9996", form),
        ("codes", doubles),
        ("codes", "The code 'HERE-1' is used already. Choose another."),
    ]
    assert await owner.fetchval("select count(*) from coupon_codes where coupon_id = $1", coupon.id) == 1


async def test_more_than_ten_thousand_codes_or_none_are_refused(tx: Tx, coupons: Coupons) -> None:
    coupon = await coupons.create(tx, five_percent(code=None))
    assert await fields(coupons.codes.add(tx, coupon.id, [])) == ["codes"]
    assert await fields(coupons.codes.add(tx, coupon.id, ["A"] * 10_001)) == ["codes"]
    wrong = coupons.codes.generate(tx, coupon.id, 10_001, prefix="-", length=7, usage_limit=0)
    assert await fields(wrong) == ["count", "length", "prefix", "usage_limit"]
    with pytest.raises(CouponNotFound):
        await coupons.codes.generate(tx, new_id(), 1)


async def test_a_coupon_has_a_shared_code_or_unique_ones(
    coupons: Coupons, make_coupon: MakeCoupon, make_codes: MakeCodes, tx: Tx
) -> None:
    shared, unique = await make_coupon(), await make_coupon(code=None)
    await make_codes(unique, "ONE")
    with pytest.raises(CouponHasCodes, match="shared code 'FIVE'"):
        await coupons.codes.add(tx, shared.id, ["TWO"])
    with pytest.raises(CouponHasCodes, match="unique codes"):
        await coupons.update(tx, unique.id, CouponChanges(code="TWO"))


async def test_a_code_of_promotion_coupon_and_unique_code_is_given_once_in_a_race(
    coupons: Coupons,
    make_promotion: MakePromotion,
    make_coupon: MakeCoupon,
    database: Database,
    actor: Actor,
) -> None:
    unique = await make_coupon(code=None)

    async def add() -> int:
        return await database.run(lambda tx: coupons.codes.add(tx, unique.id, ["SAME"]), actor)

    for _ in range(3):
        outcomes = await asyncio.gather(
            make_promotion(code="SAME"), make_coupon(code="SAME"), add(), return_exceptions=True
        )
        made = [each for each in outcomes if not isinstance(each, BaseException)]
        failed = [each for each in outcomes if isinstance(each, BaseException)]
        assert len(made) <= 1
        assert all(isinstance(each, PromotionCodeTaken | DiscountCodeTaken) for each in failed), failed


async def test_codes_are_switched_off_and_deleted_until_an_order_used_them(
    coupons: Coupons, make_coupon: MakeCoupon, make_codes: MakeCodes, use_coupon: UseCoupon, tx: Tx
) -> None:
    coupon = await make_coupon(code=None)
    used, unused, other = await make_codes(coupon, "USED", "UNUSED", "OTHER")
    await use_coupon(use_of(coupon, used))
    with pytest.raises(CouponCodeInUse, match="'USED'"):
        await coupons.codes.delete(tx, [unused.id, used.id])
    with pytest.raises(CouponCodeNotFound):
        await coupons.codes.delete(tx, [unused.id, new_id()])
    await coupons.codes.delete(tx, [unused.id])
    off = await coupons.codes.set_active(tx, [other.id, used.id], is_active=False)
    assert [(code.code, code.is_active) for code in off] == [("OTHER", False), ("USED", False)]
    page = await coupons.codes.find(tx, PageArgs(), coupon.id, is_used=True)
    assert [code.code for code in page.items] == ["USED"]


async def test_coupons_are_found_by_any_of_their_codes_and_by_status(
    coupons: Coupons, make_coupon: MakeCoupon, make_codes: MakeCodes, reader: Reader, clock: FixedClock
) -> None:
    five, many = await make_coupon(), await make_coupon(name="Many", code=None)
    await make_codes(many, "ONE")
    later = await make_coupon(name="Later", code="LATER", starts_at=clock.now() + timedelta(days=1))

    async def found(**given: Any) -> list[UUID]:
        page = await coupons.find(reader, PageArgs(), CouponFilter(**given), order="name", direction="asc")
        return [coupon.id for coupon in page.items]

    assert await found(code="one") == [many.id]
    assert await found(code="Five") == [five.id]
    assert await found(code="??") == []
    assert await found(search="fiv") == [five.id]
    assert await found(has_unique_codes=True) == [many.id]
    assert await found(status=CouponStatus.ACTIVE) == [five.id, many.id]
    assert await found(status=CouponStatus.SCHEDULED) == [later.id]


async def test_an_ended_coupon_loses_a_deleted_category_and_needs_new_targets(
    coupons: Coupons, category: Category, clock: FixedClock, tx: Tx
) -> None:
    end = clock.now() + timedelta(days=1)
    ended = await coupons.create(tx, five_percent(category_ids=[category.id], ends_at=end))
    excluding = await coupons.create(tx, five_percent(code="EX", excluded_category_ids=[category.id], ends_at=end))
    running = await coupons.create(tx, five_percent(code="RUN", category_ids=[category.id]))
    clock.advance(timedelta(days=2))
    assert await coupons.targets.remove_category(tx, category.id) == [running]
    assert [target.coupon_id for target in await coupons.targets.categories_of(tx, [ended.id, running.id])] == [
        running.id
    ]
    later = clock.now() + timedelta(days=9)
    with pytest.raises(CouponTargetsDeleted):
        await coupons.update(tx, ended.id, CouponChanges(ends_at=later))
    await coupons.update(tx, ended.id, CouponChanges(ends_at=later, product_ids=[]))
    await coupons.update(tx, excluding.id, CouponChanges(ends_at=later))


async def test_codes_are_exported_page_by_page_oldest_first(
    coupons: Coupons, make_coupon: MakeCoupon, make_codes: MakeCodes, reader: Reader
) -> None:
    coupon, other = await make_coupon(name="=1+1", code=None), await make_coupon(code=None)
    await make_codes(coupon, *(f"C{number:04}" for number in range(1_001)))
    await make_codes(other, "LAST", usage_limit=5)
    chunks = [chunk async for chunk in coupons.codes.csv(reader, coupon.id)]
    lines = b"".join(chunks).decode().split("\r\n")
    assert len(chunks) == 3
    assert lines[0] == "Coupon,Code,Uses,Usage limit,Active,Created at"
    assert [line.split(",")[:5] for line in lines[1:3]] == [
        ["'=1+1", "C0000", "0", "1", "yes"],
        ["'=1+1", "C0001", "0", "1", "yes"],
    ]
    everything = b"".join([chunk async for chunk in coupons.codes.csv(reader)]).decode().split("\r\n")
    assert len(everything) == 1 + 1_002 + 1
    assert everything[-2].split(",")[1:4] == ["LAST", "0", "5"]


async def test_another_company_does_not_see_a_coupon(
    coupons: Coupons, make_coupon: MakeCoupon, database: Database, other_company: UUID
) -> None:
    coupon = await make_coupon()
    async with database.transaction(Actor.system(other_company)) as tx:
        with pytest.raises(CouponNotFound):
            await coupons.update(tx, coupon.id, CouponChanges(name="Mine"))
        assert await coupons.by_id(tx, [coupon.id]) == []
        assert (await coupons.create(tx, five_percent())).code == "FIVE"
