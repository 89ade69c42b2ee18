"""Customer segments on a real database: they are changed one at a time, and decide who can use a promotion."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any, cast
from uuid import UUID

import pytest

from domains.auth.policy import require_user_id
from domains.kernel.actor import Actor
from domains.kernel.clock import FixedClock
from domains.kernel.database import Database, Reader
from domains.kernel.errors import DomainError, TooMany
from domains.kernel.ids import new_id
from domains.kernel.monitoring.statement_counts import counting
from domains.kernel.pagination.pages import PageArgs
from domains.kernel.prisma.runtime import fetch_parts
from domains.promotion.errors import PromoCodeInvalid
from domains.promotion.rules import Buyer, BuyerIdentity
from domains.promotion.segments.errors import (
    ConditionsContradict,
    SegmentInUse,
    SegmentLoop,
    SegmentNameTaken,
    SegmentNotFound,
)
from domains.promotion.segments.models import CustomerSegment, NewSegment, SegmentChanges
from domains.promotion.segments.segments import MAX_MEMBERS, MAX_SEGMENTS
from domains.promotion.service import PromotionService
from tests.domains.catalog.conftest import MakeCustomer
from tests.domains.promotion.conftest import MakeOrder, MakePromotion

Create = Callable[..., Awaitable[CustomerSegment]]
Change = Callable[..., Awaitable[CustomerSegment]]
PAID = """
insert into buyer_orders (company_id, order_id, user_id, email, email_confirmed, paid_at)
values ($1, $2, $3, $4, $5, $6)
"""


@pytest.fixture
def create(promotions: PromotionService, database: Database, actor: Actor) -> Create:
    """Creates segments, of guests by default."""

    async def create_segment(name: str = "Some", conditions: Any = None, **given: Any) -> CustomerSegment:
        new = cast("NewSegment", {"name": name, "conditions": conditions or {"is_guest": True}, **given})
        return await database.run(lambda tx: promotions.segments.create(tx, new), actor)

    return create_segment


@pytest.fixture
def change(promotions: PromotionService, database: Database, actor: Actor) -> Change:
    """Changes segments."""

    async def change_segment(segment: CustomerSegment, **given: Any) -> CustomerSegment:
        changes = cast("SegmentChanges", given)
        return await database.run(lambda tx: promotions.segments.update(tx, segment.id, changes), actor)

    return change_segment


@pytest.fixture
def delete(promotions: PromotionService, database: Database, actor: Actor) -> Callable[..., Awaitable[None]]:
    """Deletes segments."""
    return lambda segment: database.run(lambda tx: promotions.segments.delete(tx, segment.id), actor)


def within(segment: CustomerSegment) -> dict[str, Any]:
    return {"in_segment": segment.id}


async def stored_segments(promotions: PromotionService, reader: Reader) -> list[tuple[str, Any]]:
    page = await promotions.segments.find(reader, PageArgs(first=100))
    return [(segment.name, segment.conditions) for segment in page.items]


async def test_a_segment_is_created_changed_and_deleted(
    promotions: PromotionService, create: Create, change: Change, delete: Any, reader: Reader
) -> None:
    made = await create("Loyal ", {"all": [{"paid_orders_at_least": 5}, {"is_customer": True}]})
    assert (made.name, made.description) == ("Loyal", None)
    changed = await change(made, description="Five orders or more")
    assert (changed.name, changed.conditions) == ("Loyal", made.conditions)
    await change(made, conditions={"is_member": True})
    assert await stored_segments(promotions, reader) == [("Loyal", {"is_member": True})]
    await delete(made)
    assert await stored_segments(promotions, reader) == []
    for missing in (lambda: change(made, name="Gone"), lambda: delete(made)):
        with pytest.raises(SegmentNotFound):
            await missing()


async def test_a_refused_change_changes_nothing(
    promotions: PromotionService, create: Create, change: Change, reader: Reader
) -> None:
    await create("Guests")
    made = await create("Loyal", {"paid_orders_at_least": 5})
    before = await stored_segments(promotions, reader)
    contradiction = {"all": [{"paid_orders_at_least": 5}, {"paid_orders_at_most": 2}]}
    refused: list[tuple[type[DomainError], dict[str, Any]]] = [
        (SegmentNameTaken, {"name": "Guests"}),
        (ConditionsContradict, {"conditions": contradiction}),
        (SegmentNotFound, {"conditions": {"in_segment": new_id()}}),
        (SegmentLoop, {"conditions": {"not": within(made)}}),
    ]
    for kind, given in refused:
        with pytest.raises(kind):
            await change(made, **given)
    assert await stored_segments(promotions, reader) == before


async def test_a_loop_is_refused_with_the_names_on_its_way(create: Create, change: Change) -> None:
    first = await create("First")
    second = await create("Second", within(first))
    third = await create("Third", {"not": within(second)})
    with pytest.raises(SegmentLoop) as refused:
        await change(first, conditions={"any": [{"is_guest": True}, within(third)]})
    assert refused.value.names == ("First", "Third", "Second", "First")


async def test_five_segments_may_follow_each_other(create: Create, change: Change) -> None:
    chain = [await create("0")]
    for number in range(1, 5):
        chain.append(await create(str(number), within(chain[-1])))
    with pytest.raises(TooMany):
        await create("5", within(chain[-1]))
    with pytest.raises(TooMany):
        await change(chain[0], conditions=within(await create("below")))


async def test_two_changes_at_once_do_not_make_a_loop_together(
    promotions: PromotionService, create: Create, change: Change, reader: Reader
) -> None:
    for attempt in range(5):
        first, second = await create(f"A{attempt}"), await create(f"B{attempt}")
        outcomes = await asyncio.gather(
            change(first, conditions=within(second)), change(second, conditions=within(first)), return_exceptions=True
        )
        assert Counter(type(each).__name__ for each in outcomes) == {"CustomerSegmentRow": 1, "SegmentLoop": 1}
    stored = dict(await stored_segments(promotions, reader))
    assert sum("in_segment" in conditions for conditions in stored.values()) == 5


async def test_a_company_has_a_hundred_segments_at_most(create: Create, owner: Any, actor: Actor) -> None:
    await owner.execute(
        """insert into customer_segments (id, company_id, name, conditions, updated_at)
        select gen_random_uuid(), $1, 'S' || number, '{"is_guest": true}', now()
        from generate_series(1, $2) number""",
        actor.company_id,
        MAX_SEGMENTS - 1,
    )
    outcomes = await asyncio.gather(*(create(f"T{number}") for number in range(4)), return_exceptions=True)
    assert Counter(type(each).__name__ for each in outcomes) == {"CustomerSegmentRow": 1, "TooMany": 3}


async def test_a_segment_in_use_is_not_deleted(
    create: Create, delete: Any, make_promotion: MakePromotion, change: Change
) -> None:
    used = await create("Used")
    await create("Above", within(used))
    await make_promotion(name="Ten off", segment_id=used.id)
    with pytest.raises(SegmentInUse) as refused:
        await delete(used)
    assert refused.value.names == ("Above", "Ten off")


async def test_a_segment_is_deleted_or_used_by_a_promotion_made_at_the_same_time_never_both(
    create: Create, delete: Any, make_promotion: MakePromotion
) -> None:
    for attempt in range(8):
        segment = await create(f"S{attempt}")
        outcomes: Any = await asyncio.gather(
            make_promotion(code=f"C{attempt}", segment_id=segment.id), delete(segment), return_exceptions=True
        )
        outcome = tuple(type(each).__name__ for each in outcomes)
        assert outcome in {("PromotionRow", "SegmentInUse"), ("SegmentNotFound", "NoneType")}


async def test_members_are_added_and_removed_once(
    promotions: PromotionService,
    create: Create,
    make_customer: MakeCustomer,
    database: Database,
    actor: Actor,
    reader: Reader,
) -> None:
    segment, segments = await create("List", {"is_member": True}), promotions.segments
    ann, bob = [require_user_id(await make_customer()) for _ in range(2)]
    adding = [database.run(lambda tx: segments.add_members(tx, segment.id, [ann, bob, ann]), actor) for _ in range(4)]
    await asyncio.gather(*adding)
    page = await segments.find_members(reader, segment.id, PageArgs(first=10))
    assert {member.user_id for member in page.items} == {ann, bob}
    await database.run(lambda tx: segments.remove_members(tx, segment.id, [bob, new_id()]), actor)
    page = await segments.find_members(reader, segment.id, PageArgs(first=10))
    assert [member.user_id for member in page.items] == [ann]
    with pytest.raises(TooMany):
        await database.run(lambda tx: segments.add_members(tx, segment.id, [ann] * (MAX_MEMBERS + 1)), actor)
    with pytest.raises(SegmentNotFound):
        await database.run(lambda tx: segments.add_members(tx, new_id(), [ann]), actor)


async def test_a_code_for_a_segment_is_refused_to_others(
    promotions: PromotionService,
    create: Create,
    make_promotion: MakePromotion,
    make_customer: MakeCustomer,
    database: Database,
    actor: Actor,
    reader: Reader,
    owner: Any,
    clock: FixedClock,
    make_order: MakeOrder,
) -> None:
    ann, bob = [require_user_id(await make_customer()) for _ in range(2)]
    members = await create("Members", {"is_member": True})
    segment = await create("Recent", {"all": [within(members), {"last_order_within_days": 30}]})
    await database.run(lambda tx: promotions.segments.add_members(tx, members.id, [ann]), actor)
    paid_at = clock.now() - timedelta(days=20)
    for user_id in (ann, bob):
        await owner.execute(PAID, actor.company_id, await make_order(), user_id, "a@example.com", True, paid_at)
    promotion = await make_promotion(code="RECENT", segment_id=segment.id)
    with counting() as count:
        buyers = await promotions.find_buyers(reader, {ann, bob})
        assert (await promotions.validate_promo_code(reader, "RECENT", buyers[ann])).discount.id == promotion.id
        with pytest.raises(PromoCodeInvalid) as refused:
            await promotions.validate_promo_code(reader, "RECENT", buyers[bob])
    assert (refused.value.reason, count.data) == ("It is for selected customers.", 3)
    assert (buyers[ann].first_paid_at, buyers[ann].last_paid_at) == (paid_at, paid_at)
    clock.advance(timedelta(days=11))
    with pytest.raises(PromoCodeInvalid):
        await promotions.validate_promo_code(reader, "RECENT", buyers[ann])


async def test_the_facts_of_a_checkout_are_read_with_its_promotions(
    promotions: PromotionService,
    create: Create,
    make_promotion: MakePromotion,
    make_customer: MakeCustomer,
    database: Database,
    actor: Actor,
    reader: Reader,
    owner: Any,
    clock: FixedClock,
    make_order: MakeOrder,
) -> None:
    ann = require_user_id(await make_customer())
    segment = await create("Members", {"all": [{"is_member": True}, {"paid_orders_at_least": 2}]})
    await database.run(lambda tx: promotions.segments.add_members(tx, segment.id, [ann]), actor)
    for days, user_id in ((9, ann), (4, None), (2, new_id())):
        email = "ann@example.com" if user_id in {ann, None} else "other@example.com"
        user = ann if user_id == ann else None
        at = clock.now() - timedelta(days=days)
        await owner.execute(PAID, actor.company_id, await make_order(), user, email, True, at)
    promotion = await make_promotion(is_automatic=True, code=None, segment_id=segment.id)
    who = BuyerIdentity(user_id=ann, email="ann@example.com", email_confirmed=True)

    async def known(identity: BuyerIdentity) -> tuple[bool, Buyer]:
        (rows,) = await fetch_parts(reader, [promotions.candidates_with_buyer(reader, [], clock.now(), identity)])
        rules, buyer = promotions.rules_and_buyer(rows, identity)
        return promotions.check_eligibility(buyer, rules[0]), buyer

    with counting() as count:
        is_eligible, buyer = await known(who)
    assert (is_eligible, count.data, buyer.uses) == (True, 1, {promotion.id: 0})
    times = (clock.now() - timedelta(days=9), clock.now() - timedelta(days=4))
    assert (buyer.first_paid_at, buyer.last_paid_at, buyer.lists) == (*times, frozenset({segment.id}))
    assert (await known(BuyerIdentity(user_id=ann)))[0] is False  # one order without the address
    assert await known(BuyerIdentity()) == (False, Buyer(uses={promotion.id: 0}))


async def test_a_guest_is_asked_to_confirm_an_address_only_where_it_can_help(
    promotions: PromotionService, create: Create, make_promotion: MakePromotion, reader: Reader
) -> None:
    listed = await create("Listed", {"is_member": True})
    loyal = await create("Loyal", {"paid_orders_at_least": 1})
    await make_promotion(code="LISTED", segment_id=listed.id)
    await make_promotion(code="LOYAL", segment_id=loyal.id)
    with pytest.raises(PromoCodeInvalid) as refused:
        await promotions.validate_promo_code(reader, "LISTED", Buyer())
    assert refused.value.reason == "It is for selected customers."
    assert (await promotions.validate_promo_code(reader, "LOYAL", Buyer())).needs_confirmed_email
    with pytest.raises(PromoCodeInvalid):
        await promotions.validate_promo_code(reader, "LOYAL", Buyer(mailbox="new@example.com"))


@pytest.mark.parametrize("segment_id", [UUID(int=1)])
async def test_a_promotion_needs_a_segment_that_exists(make_promotion: MakePromotion, segment_id: UUID) -> None:
    with pytest.raises(SegmentNotFound) as refused:
        await make_promotion(segment_id=segment_id)
    assert refused.value.field == ("segment_id",)
