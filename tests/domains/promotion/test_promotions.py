"""Promotions as staff manage them, and as buyers find them."""

from datetime import timedelta
from decimal import Decimal
from functools import partial
from typing import Any
from uuid import UUID

import pytest

from domains.catalog.models import Category
from domains.kernel.actor import Actor
from domains.kernel.clock import FixedClock
from domains.kernel.database import Database, Reader, Tx
from domains.kernel.errors import DomainError, NotFound, RateLimited
from domains.kernel.ids import new_id
from domains.kernel.monitoring.statement_counts import counting
from domains.kernel.pagination.pages import PageArgs
from domains.kernel.prisma.runtime import fetch_parts
from domains.promotion.errors import (
    MaximumBelowUse,
    PromoCodeInvalid,
    PromotionCodeTaken,
    PromotionInUse,
    PromotionNotFound,
)
from domains.promotion.models import (
    DiscountType,
    Promotion,
    PromotionChanges,
    PromotionFilter,
    PromotionType,
    StoredStatus,
)
from domains.promotion.promotion_rules.models import simple
from domains.promotion.rate_limit import WINDOW, WRONG_CODES
from domains.promotion.rules import Buyer, BuyerIdentity, PricedLine
from domains.promotion.service import PromotionService
from tests.domains.account.buyers import record_paid
from tests.domains.catalog.conftest import MakeCustomer, MakeProduct
from tests.domains.promotion.conftest import MakeOrder, MakePromotion, Redeem, ten_percent

BXGY, FREE = DiscountType.BUY_X_GET_Y, DiscountType.FREE_SHIPPING


async def test_a_promotion_has_default_start_and_currency_and_an_upper_case_code(
    make_promotion: MakePromotion, clock: FixedClock
) -> None:
    made = await make_promotion(code=" summer-26 ")
    assert (made.code, made.currency, made.start_date, made.end_date) == ("SUMMER-26", "EUR", clock.now(), None)
    assert (made.status, made.is_automatic, made.current_usage_count) == (StoredStatus.ACTIVE, False, 0)


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"name": " "}, "name"),
        ({"type": None}, "type"),
        ({"code": None}, "code"),
        ({"code": "TEN OFF"}, "code"),
        ({"code": "A" * 51}, "code"),
        ({"discount_value": None}, "discount_value"),
        ({"discount_value": Decimal(0)}, "discount_value"),
        ({"discount_value": Decimal("100.01")}, "discount_value"),
        ({"discount_value": Decimal("1.00001")}, "discount_value"),
        ({"discount_value": Decimal("NaN")}, "discount_value"),
        ({"discount_type": DiscountType.FIXED_AMOUNT, "discount_value": Decimal("1.001")}, "discount_value"),
        ({"discount_type": DiscountType.FIXED_AMOUNT, "discount_value": Decimal(0)}, "discount_value"),
        ({"discount_type": DiscountType.FIXED_AMOUNT, "discount_value": Decimal(-1)}, "discount_value"),
        ({"discount_type": FREE}, "discount_value"),
        ({"discount_type": BXGY, "discount_value": None, "buy_quantity": 2}, "get_quantity"),
        ({"discount_type": BXGY, "discount_value": None, "buy_quantity": 0, "get_quantity": 1}, "buy_quantity"),
        ({"buy_quantity": 2}, "buy_quantity"),
        ({"type": PromotionType.LOYALTY}, "required_orders"),
        ({"required_orders": 2}, "required_orders"),
        ({"min_purchase_amount": Decimal("-0.01")}, "min_purchase_amount"),
        ({"max_usage_count": 0}, "max_usage_count"),
        ({"max_usage_per_user": 0}, "max_usage_per_user"),
        ({"priority": None}, "priority"),
    ],
)
async def test_an_invalid_promotion_is_refused_with_its_field(
    tx: Tx, promotions: PromotionService, given: dict[str, Any], field: str
) -> None:
    with pytest.raises(DomainError) as refused:
        await promotions.create_promotion(tx, ten_percent(**given))
    assert refused.value.field == (field,)


async def test_a_promotion_must_end_after_its_start(tx: Tx, promotions: PromotionService, clock: FixedClock) -> None:
    with pytest.raises(DomainError, match="end after it starts"):
        await promotions.create_promotion(tx, ten_percent(end_date=clock.now()))


async def test_each_type_of_discount_has_its_own_fields_only(
    make_promotion: MakePromotion, promotions: PromotionService, database: Database, actor: Actor, reader: Reader
) -> None:
    made = await make_promotion(discount_type=BXGY, discount_value=None, buy_quantity=2, get_quantity=1)
    rules = await promotions.promotion_rules.of_promotions(reader, [made.id])
    assert (made.discount_value, rules) == (Decimal(0), {made.id: (simple(2, 1),)})
    changes = PromotionChanges(discount_type=FREE)
    changed = await database.run(lambda tx: promotions.update_promotion(tx, made.id, changes), actor)
    assert changed.discount_type == FREE
    assert await promotions.promotion_rules.of_promotions(reader, [made.id]) == {}


async def test_a_code_belongs_to_one_promotion(make_promotion: MakePromotion) -> None:
    await make_promotion()
    with pytest.raises(PromotionCodeTaken, match="'TEN'"):
        await make_promotion(code="ten")


async def test_the_maximum_cannot_be_below_the_number_of_uses(
    make_promotion: MakePromotion, redeem: Redeem, promotions: PromotionService, database: Database, actor: Actor
) -> None:
    made = await make_promotion(max_usage_count=3)
    for number in range(2):
        await redeem(made.id, email=f"b{number}@example.com")

    async def limit(maximum: int) -> Promotion:
        changes = PromotionChanges(max_usage_count=maximum)
        return await database.run(lambda tx: promotions.update_promotion(tx, made.id, changes), actor)

    assert (await limit(2)).max_usage_count == 2
    with pytest.raises(MaximumBelowUse, match="used 2 times"):
        await limit(1)


async def test_only_an_unused_promotion_can_be_deleted(
    make_promotion: MakePromotion,
    redeem: Redeem,
    promotions: PromotionService,
    database: Database,
    actor: Actor,
    reader: Reader,
) -> None:
    used, unused = await make_promotion(), await make_promotion(code="TWO")
    await redeem(used.id)
    await database.run(lambda tx: promotions.delete_promotion(tx, unused.id), actor)
    with pytest.raises(PromotionInUse):
        await database.run(lambda tx: promotions.delete_promotion(tx, used.id), actor)
    with pytest.raises(PromotionNotFound):
        await promotions.find_promotion(reader, unused.id)
    assert await promotions.find_promotion(reader, used.id)


async def test_candidates_are_codes_and_automatic_promotions_read_with_one_statement(
    make_promotion: MakePromotion,
    make_product: MakeProduct,
    category: Category,
    promotions: PromotionService,
    reader: Reader,
    clock: FixedClock,
) -> None:
    product, later = await make_product(), clock.now() + timedelta(days=1)
    auto = await make_promotion(
        code=None, is_automatic=True, product_ids=[product.id, product.id], category_ids=[category.id]
    )
    await make_promotion(code="LATER", is_automatic=True, start_date=later)
    await make_promotion(code="OFF", is_automatic=True, is_active=False)
    ended, other = await make_promotion(is_active=False), await make_promotion(code="OTHER")
    with counting() as counts:
        found = {terms.id: terms for terms in await promotions.candidates(reader, [ended.id], clock.now())}
    assert counts.data == 1
    assert set(found) == {auto.id, ended.id}
    assert found[auto.id].product_ids == {product.id}
    assert found[auto.id].category_ids == {category.id}
    assert not found[ended.id].is_limited
    active = await promotions.get_active_promotions(reader)
    assert {each.id for each in active} == {auto.id, other.id}
    assert [each.id for each in await promotions.get_active_promotions(reader, is_automatic=True)] == [auto.id]


async def test_a_promotion_is_applied_to_lines(
    make_promotion: MakePromotion,
    make_product: MakeProduct,
    promotions: PromotionService,
    reader: Reader,
    clock: FixedClock,
) -> None:
    product = await make_product()
    made = await make_promotion(product_ids=[product.id])
    lines = [
        PricedLine(new_id(), product.id, None, frozenset(), 2, Decimal(10)),
        PricedLine(new_id(), new_id(), None, frozenset(), 1, Decimal(10)),
    ]
    (terms,) = await promotions.candidates(reader, [made.id], clock.now())
    shares = promotions.apply_promotion(lines, [Decimal(20), Decimal(10)], terms, "EUR")
    assert [(share.amount, share.explanation) for share in shares] == [(Decimal(2), "10 % off"), (Decimal(0), "")]


@pytest.mark.parametrize("field", ["product_ids", "category_ids"])
async def test_a_promotion_can_target_only_existing_products_and_categories(
    tx: Tx, promotions: PromotionService, field: str
) -> None:
    with pytest.raises(NotFound) as refused:
        await promotions.create_promotion(tx, ten_percent(**{field: [new_id()]}))
    assert refused.value.field == ("product_ids" if field == "product_ids" else "category_ids", "0")


async def test_a_code_is_valid_for_eligible_buyers(
    make_promotion: MakePromotion, promotions: PromotionService, reader: Reader
) -> None:
    made = await make_promotion(min_purchase_amount=Decimal(20))
    with counting() as counts:
        assert (await promotions.validate_promo_code(reader, " ten ", Buyer(), Decimal(20))).discount.id == made.id
    assert counts.data == 1
    assert (await promotions.validate_promo_code(reader, "TEN", Buyer())).discount.id == made.id
    for code, subtotal, reason in (
        ("TEN", Decimal("19.99"), "at least 20.00 EUR"),
        ("TENN", None, "no such code"),
        ("", None, "no such code"),
    ):
        with pytest.raises(PromoCodeInvalid, match=reason):
            await promotions.validate_promo_code(reader, code, Buyer(), subtotal)


async def test_a_buyer_is_identified_by_account_and_confirmed_address(
    make_promotion: MakePromotion,
    make_customer: MakeCustomer,
    make_order: MakeOrder,
    redeem: Redeem,
    promotions: PromotionService,
    database: Database,
    actor: Actor,
    reader: Reader,
    clock: FixedClock,
) -> None:
    promotion, ann = await make_promotion(max_usage_per_user=3), (await make_customer()).user_id

    def by(email: str, user_id: UUID | None = None, *, confirmed: bool = False) -> BuyerIdentity:
        return BuyerIdentity(user_id=user_id, email=email, email_confirmed=confirmed)

    async def known(who: BuyerIdentity) -> Buyer:
        with counting() as counts:
            part = promotions.candidates_with_buyer(reader, [promotion.id], clock.now(), who)
            (rows,) = await fetch_parts(reader, [part])
            _, buyer = promotions.rules_and_buyer(rows, who)
        assert counts.data == 1
        return buyer

    await redeem(promotion.id, email="ann@gmail.com")
    await redeem(promotion.id, email="a.nn+1@gmail.com", email_confirmed=True)
    await redeem(promotion.id, user_id=ann, email="new@example.com")
    buyers = (by("ann@gmail.com"), by("ann@gmail.com", confirmed=True), by("new@example.com", ann))
    for who in buyers:
        order_id = await make_order()
        await database.run(partial(record_paid, order_id=order_id, buyer=who), actor)
    confirmed = await known(by("an.n@gmail.com", ann, confirmed=True))
    assert (confirmed.paid_orders, confirmed.unconfirmed_orders, confirmed.uses) == (3, 1, {promotion.id: 2})
    assert (confirmed.mailbox, confirmed.spent) == ("ann@gmail.com", {})
    typed = await known(by("ann@gmail.com"))
    assert typed == Buyer(uses={promotion.id: 0})
    account = await known(by("ann@gmail.com", ann))
    assert (account.paid_orders, account.unconfirmed_orders, account.uses) == (1, 0, {promotion.id: 1})
    assert await known(BuyerIdentity()) == Buyer(uses={promotion.id: 0})


async def test_eligibility_depends_on_the_type_of_the_promotion(
    make_promotion: MakePromotion, promotions: PromotionService, reader: Reader, clock: FixedClock
) -> None:
    loyal = await make_promotion(type=PromotionType.LOYALTY, required_orders=2)
    (terms,) = await promotions.candidates(reader, [loyal.id], clock.now())
    assert not promotions.check_eligibility(Buyer(paid_orders=1), terms)
    assert promotions.check_eligibility(Buyer(paid_orders=2), terms)


async def test_promotions_are_filtered_searched_and_sorted(
    make_promotion: MakePromotion, promotions: PromotionService, reader: Reader
) -> None:
    for code, name in (("AAA", "Winter"), ("BBB", "Spring"), ("CCC", "Spring 100%")):
        await make_promotion(code=code, name=name, is_active=code != "CCC")

    async def codes(wanted: PromotionFilter = PromotionFilter(), **order: Any) -> list[str | None]:  # noqa: B008 - frozen
        page = await promotions.find_promotions(reader, PageArgs(), wanted, **order)
        return [each.code for each in page.items]

    assert await codes() == ["CCC", "BBB", "AAA"]
    assert await codes(order="name", direction="asc") == ["BBB", "CCC", "AAA"]
    assert await codes(PromotionFilter(is_active=False)) == ["CCC"]
    assert await codes(PromotionFilter(search="spring")) == ["CCC", "BBB"]
    assert await codes(PromotionFilter(search="aa")) == ["AAA"]
    await make_promotion(code="SUMMER-20", name="Sun", is_active=False, start_date=None)
    assert await codes(PromotionFilter(search="er-20")) == ["SUMMER-20"]
    assert await codes(PromotionFilter(search="%")) == ["CCC"]
    assert await codes(PromotionFilter(type=PromotionType.WELCOME)) == []


async def test_the_twenty_first_wrong_code_of_an_address_is_rate_limited(
    promotions: PromotionService, company: UUID, other_company: UUID, clock: FixedClock
) -> None:
    async def wrong() -> None:
        async with promotions.code_attempts.attempt(company, "192.0.2.1"):
            raise PromoCodeInvalid("X", "There is no such code.")

    async def right(company_id: UUID, address: str) -> bool:
        async with promotions.code_attempts.attempt(company_id, address):
            return True

    async def unanswered() -> None:
        async with promotions.code_attempts.attempt(company, "192.0.2.1"):
            raise ConnectionRefusedError

    for _ in range(WRONG_CODES.limit):
        assert await right(company, "192.0.2.1")
        with pytest.raises(ConnectionRefusedError):
            await unanswered()
        with pytest.raises(PromoCodeInvalid):
            await wrong()
    with pytest.raises(RateLimited) as refused:
        await wrong()
    assert refused.value.retry_after == 600
    assert await right(company, "192.0.2.2")
    assert await right(other_company, "192.0.2.1")
    clock.advance(WINDOW)
    assert await right(company, "192.0.2.1")
