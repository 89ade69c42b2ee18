"""A duplicate account, or a guest, is merged into an account: everything moves, and no unique key breaks."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any, Final
from uuid import UUID

import pytest

from domains.kernel.clock import FixedClock
from domains.kernel.database import Database, Tx
from domains.kernel.errors import InvalidInput, NotFound
from domains.kernel.values.secret import Secret
from domains.payment.models import SavedMethodType
from domains.payment.providers.requests import ProviderCustomer
from domains.payment.providers.results import KeptMethod
from gateway.personal_data import NoPersonalData
from tests.conftest import make_company
from tests.domains.actors import CUSTOMER_ID, MANAGER_ID, make_membership
from tests.domains.order.storefront import Storefront
from tests.gateway import people
from tests.gateway.people import Subject, personal_data
from tests.gateway.site import services_of

LOCKS: Final = "select count(*) from pg_locks where locktype = 'advisory' and pid = pg_backend_pid()"


@pytest.fixture
async def shop(database: Database, clock: FixedClock, company: Any, owner: Any) -> AsyncIterator[Storefront]:
    made = Storefront(services_of(clock, database), database, clock, company, owner)
    yield made
    assert await made.broken() == []


@pytest.fixture
async def pair(shop: Storefront) -> tuple[Subject, Subject]:
    """A duplicate and the account to keep."""
    return await people.register(shop), await people.register(shop)


async def values(shop: Storefront, sql: str, *args: Any) -> list[Any]:
    """The first column of the rows of the company."""
    return [row[0] for row in await shop.owner.fetch(sql, shop.company_id, *args)]


async def test_everything_moves_to_the_other_account(shop: Storefront, pair: tuple[Subject, Subject]) -> None:
    duplicate, kept = pair
    orders = await people.live(shop, duplicate)
    await personal_data(shop).merge(duplicate.email, kept.email)
    moved = ("orders", "buyer_orders", "promotion_uses", "coupon_usages", "customer_segment_members", "addresses")
    for table in (*moved, "activity_logs", "product_purchases"):
        owners = await values(shop, f"select distinct user_id from {table} where company_id = $1")  # noqa: S608 - a name
        assert owners == [kept.user_id], table
    reader = shop.database.reader(shop.company_id)
    for order in orders:
        found = await shop.services.order.get_order_by_id(reader, kept.actor, order.id)
        assert found.order_number == order.order_number


async def test_the_duplicate_account_is_erased(shop: Storefront, pair: tuple[Subject, Subject]) -> None:
    duplicate, kept = pair
    await people.live(shop, duplicate)
    await personal_data(shop).merge(duplicate.email, kept.email)
    row = await shop.owner.fetchrow("select * from users where id = $1", duplicate.user_id)
    assert (row["email"], row["is_active"]) == (f"erased-{duplicate.user_id}@erased.invalid", False)
    event = await shop.owner.fetchval(
        "select payload from outbox_events where topic = 'user.merged' and aggregate_id = $1", duplicate.user_id
    )
    assert event == {"user_id": str(duplicate.user_id), "into_user_id": str(kept.user_id)}
    for table in ("user_sessions", "verification_codes", "memberships"):
        sql = f"select count(*) from {table} where user_id = $1"  # noqa: S608 - a name
        assert await shop.owner.fetchval(sql, duplicate.user_id) == 0, table
    with pytest.raises(NoPersonalData):
        await people.personal_data(shop).merge(duplicate.word + "@example.org", kept.email)


async def test_of_two_reviews_of_a_product_that_of_the_kept_account_stays(
    shop: Storefront, pair: tuple[Subject, Subject]
) -> None:
    duplicate, kept = pair
    product, other = await shop.stock("A", 5), await shop.stock("B", 5)
    await people.add_review(shop, duplicate.actor, product.id, 1)
    await people.add_review(shop, duplicate.actor, other.id, 2)
    await people.add_review(shop, kept.actor, product.id, 5)
    await personal_data(shop).merge(duplicate.email, kept.email)
    rows = await shop.owner.fetch(
        "select product_id, user_id, rating from reviews where company_id = $1 order by rating", shop.company_id
    )
    assert [tuple(row) for row in rows] == [(other.id, kept.user_id, 2), (product.id, kept.user_id, 5)]


async def test_votes_count_once_and_not_for_own_reviews(shop: Storefront, pair: tuple[Subject, Subject]) -> None:
    duplicate, kept = pair
    stranger = await people.register(shop)
    product, other, third = [await shop.stock(sku, 5) for sku in "ABC"]
    by_stranger = await people.add_review(shop, stranger.actor, product.id, 4)
    by_kept = await people.add_review(shop, kept.actor, other.id, 4)
    by_duplicate = await people.add_review(shop, duplicate.actor, third.id, 4)
    for voter, review in (
        (duplicate, by_stranger),
        (kept, by_stranger),
        (stranger, by_kept),
        (duplicate, by_kept),
        (kept, by_duplicate),
    ):
        await people.add_vote(shop.owner, voter.actor, review)
    await personal_data(shop).merge(duplicate.email, kept.email)
    rows = await shop.owner.fetch("select id, helpful_count from reviews where company_id = $1", shop.company_id)
    assert dict(map(tuple, rows)) == {by_stranger: 1, by_kept: 1, by_duplicate: 0}


async def test_each_type_of_address_keeps_one_default(shop: Storefront, pair: tuple[Subject, Subject]) -> None:
    duplicate, kept = pair
    await people.add_address(shop.owner, duplicate)
    await people.add_address(shop.owner, kept)
    await personal_data(shop).merge(duplicate.email, kept.email)
    assert await values(
        shop, "select full_name from addresses where company_id = $1 and is_default and user_id = $2", kept.user_id
    ) == [kept.home.full_name]
    assert (
        len(await values(shop, "select id from addresses where company_id = $1 and user_id = $2", kept.user_id)) == 2
    )


async def test_a_default_address_stays_one_where_there_is_none(
    shop: Storefront, pair: tuple[Subject, Subject]
) -> None:
    duplicate, kept = pair
    await people.add_address(shop.owner, duplicate)
    await personal_data(shop).merge(duplicate.email, kept.email)
    assert await values(shop, "select is_default from addresses where company_id = $1") == [True]


async def test_carts_are_merged_as_far_as_the_stock_reaches(shop: Storefront, pair: tuple[Subject, Subject]) -> None:
    duplicate, kept = pair
    await shop.stock("A", 3)
    await shop.stock("B", 3)
    await shop.fill(duplicate.actor, ("A", 2), ("B", 1))
    await shop.fill(kept.actor, ("A", 2))
    await personal_data(shop).merge(duplicate.email, kept.email)
    rows = await shop.owner.fetch(
        "select c.user_id, i.product_id, i.quantity from carts c join cart_items i on i.cart_id = c.id "
        "where c.company_id = $1 order by i.quantity",
        shop.company_id,
    )
    a, b = shop.products["A"].id, shop.products["B"].id
    assert [tuple(row) for row in rows] == [(kept.user_id, b, 1), (kept.user_id, a, 3)]


async def test_the_role_of_the_duplicate_counts_only_where_the_kept_account_has_none(
    shop: Storefront, pair: tuple[Subject, Subject]
) -> None:
    duplicate, kept = pair
    set_role = "update memberships set role_id = $3 where company_id = $1 and user_id = $2"
    await shop.owner.execute(set_role, shop.company_id, duplicate.user_id, MANAGER_ID)
    await personal_data(shop).merge(duplicate.email, kept.email)
    roles = "select role_id from memberships where company_id = $1 and user_id = $2"
    assert await values(shop, roles, kept.user_id) == [CUSTOMER_ID]
    third = await people.register(shop)
    await shop.owner.execute(set_role, shop.company_id, third.user_id, MANAGER_ID)
    await shop.owner.execute("delete from memberships where user_id = $1", kept.user_id)
    await personal_data(shop).merge(third.email, kept.email)
    assert await values(shop, roles, kept.user_id) == [MANAGER_ID]


async def test_the_orders_of_a_guest_move_and_their_token_stays_valid(shop: Storefront) -> None:
    guest, kept = people.guest(shop), await people.register(shop)
    await shop.stock("A", 5)
    order = await people.delivered_order(shop, guest, email=guest.email)
    await personal_data(shop).merge(guest.email, kept.email)
    after = await shop.order(order.id)
    assert (after.user_id, after.email) == (kept.user_id, guest.email)
    assert after.guest_token_hash == order.guest_token_hash is not None


@pytest.mark.parametrize("state", ["unknown", "disabled"])
async def test_only_an_active_account_can_be_merged_into(
    shop: Storefront, pair: tuple[Subject, Subject], state: str
) -> None:
    duplicate, kept = pair
    await shop.owner.execute("update users set is_active = false where id = $1", kept.user_id)
    into = kept.email if state == "disabled" else "unknown@example.com"
    with pytest.raises(NotFound, match=f"no active account with the address {into}"):
        await personal_data(shop).merge(duplicate.email, into)
    with pytest.raises(InvalidInput, match="two different addresses"):
        await personal_data(shop).merge(duplicate.email, duplicate.email.upper())


async def test_two_merges_at_once_move_everything_once(shop: Storefront, pair: tuple[Subject, Subject]) -> None:
    duplicate, kept = pair
    await shop.stock("A", 5)
    await people.delivered_order(shop, duplicate)
    results = await asyncio.gather(
        *(personal_data(shop).merge(duplicate.email, kept.email) for _ in range(3)), return_exceptions=True
    )
    assert sum(isinstance(result, int) for result in results) == 1, results
    assert await values(shop, "select user_id from orders where company_id = $1") == [kept.user_id]


async def test_a_merge_and_a_merge_back_at_once_keep_one_account(
    shop: Storefront, pair: tuple[Subject, Subject]
) -> None:
    one, two = pair
    await shop.stock("A", 5)
    await people.delivered_order(shop, one)
    await people.delivered_order(shop, two)
    await asyncio.gather(
        personal_data(shop).merge(one.email, two.email),
        personal_data(shop).merge(two.email, one.email),
        return_exceptions=True,
    )
    owners: list[UUID] = await values(shop, "select distinct user_id from orders where company_id = $1")
    active = await shop.owner.fetch(
        "select id from users where id = any($1) and is_active", [one.user_id, two.user_id]
    )
    assert [row[0] for row in active] == owners
    assert len(owners) == 1


async def test_payment_methods_move_and_one_stays_the_default(
    shop: Storefront, pair: tuple[Subject, Subject]
) -> None:
    duplicate, kept = pair
    saved = shop.services.payment.saved_methods
    for subject in pair:
        await people.add_method(shop, subject)
    same = KeptMethod(Secret("pm_same"), SavedMethodType.CARD, "cus_1")
    for subject in pair:
        await shop.run(lambda tx, who=subject: saved.keep(tx, who.user_id, "MOCK", same))
    before = await saved.of_users(shop.database.reader(shop.company_id), [kept.user_id])
    await personal_data(shop).merge(duplicate.email, kept.email)
    methods = await saved.of_users(shop.database.reader(shop.company_id), [kept.user_id, duplicate.user_id])
    assert [method.is_default for method in methods] == [True, False, False]
    assert (methods[0], len({method.id for method in methods})) == (before[0], 3)
    assert {method.user_id for method in methods} == {kept.user_id}
    chosen = await saved.choose(shop.database.reader(shop.company_id), kept.actor, methods[1].id)
    assert chosen.instrument.customer == ProviderCustomer(kept.user_id, "cus_1")


async def test_the_locks_do_not_grow_with_the_companies(
    shop: Storefront, pair: tuple[Subject, Subject], owner: Any
) -> None:
    """The server's lock table is shared and limited: a merge or an erasure locks a person once for all companies."""
    duplicate, kept = pair
    await people.live(shop, duplicate)
    for _ in range(4):
        other = Storefront(shop.services, shop.database, shop.clock, await make_company(owner), owner)
        await make_membership(owner, other.company_id, duplicate.user_id, CUSTOMER_ID)
        elsewhere = replace(duplicate, actor=replace(duplicate.actor, company_id=other.company_id))
        await people.add_method(other, elsewhere)
    with pytest.MonkeyPatch.context() as patched:
        held = [_locks_at(shop, patched, step) for step in ("merge", "erase")]
        await personal_data(shop).merge(duplicate.email, kept.email)
        await personal_data(shop).erase(kept.email)
    per_person = 3
    assert [sum(each) for each in held] == [2 * per_person, per_person]


def _locks_at(shop: Storefront, patched: pytest.MonkeyPatch, step: str) -> list[int]:
    """How many advisory locks the transaction holds when it comes to this last step; filled when it does."""
    accounts, found = shop.services.auth.accounts, []
    last = getattr(accounts, step)

    async def counted(tx: Tx, *args: Any) -> int:
        found.append(await tx.fetch_value(LOCKS))
        done: int = await last(tx, *args)
        return done

    patched.setattr(accounts, step, counted)
    return found
