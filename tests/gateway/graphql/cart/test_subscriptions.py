"""The subscription of a cart: every change of the own one, on any device, and of no other."""

from typing import Any

from domains.kernel.ids import new_id
from domains.kernel.monitoring.statement_counts import counting
from domains.role.models import SystemRole
from gateway.graphql.cart.subscriptions import CARTS
from tests.gateway.graphql.cart.conftest import line
from tests.gateway.graphql.cart.operations import ADD, CLEAR, MERGE, REMOVE, UPDATE
from tests.gateway.live.live_site import LiveSite
from tests.gateway.live.subscribers import Watched
from tests.gateway.site import Site

CHANGED = """subscription ($cartToken: String) { cartChanged(cartToken: $cartToken) {
  cart { itemCount totals { discounts { promotionId } } } } }"""
APPLY = (
    "mutation ($input: CartPromotionApplyInput!) { cartPromotionApply(input: $input) { errors { code message } } }"
)
PROMOTE = """mutation ($input: PromotionCreateInput!) {
  promotionCreate(input: $input) { promotion { id } errors { code } } }"""
ORDER = "mutation ($input: OrderCreateInput!) { orderCreate(input: $input) { order { id } errors { code message } } }"
HOME = {"fullName": "A B", "addressLine1": "1 Way", "city": "Berlin", "postalCode": "10115", "country": "DE"}


async def received(live: LiveSite, watched: Watched, count: int) -> None:
    await live.deliver()
    await watched.wait_for(count)


def units(watched: Watched) -> list[int | None]:
    return [value["cart"] and value["cart"]["itemCount"] for value in watched.values]


async def test_a_guest_gets_the_changes_of_the_cart_of_the_token(shop: Site, live: LiveSite, shirt: Any) -> None:
    added = await shop.do(ADD, **line(shirt))
    token, item = added["cartToken"], added["cart"]["items"][0]["id"]
    other = (await shop.do(ADD, **line(shirt)))["cartToken"]
    await live.deliver()
    async with (
        live.watching(CHANGED, cartToken=token) as watched,
        live.watching(CHANGED, cart_token=token) as by_header,
    ):
        await shop.do(ADD, **line(shirt, 2), cartToken=token)
        await shop.do(ADD, **line(shirt, 5), cartToken=other)
        await received(live, watched, 1)
        await shop.do(UPDATE, id=item, quantity=7, cartToken=token)
        await received(live, watched, 2)
        await shop.do(REMOVE, id=item, cartToken=token)
        await received(live, watched, 3)
        await by_header.wait_for(3)
    assert units(watched) == units(by_header) == [3, 7, 0]
    assert live.topics >= {event.topic for event in CARTS.events}


async def test_a_guest_without_a_cart_has_nothing_to_subscribe_to(shop: Site, live: LiveSite, shirt: Any) -> None:
    token = (await shop.do(ADD, **line(shirt)))["cartToken"]
    assert await live.refusal(CHANGED) == "NOT_FOUND"
    assert await live.refusal(CHANGED, cartToken="no token") == "NOT_FOUND"
    assert await live.refusal(CHANGED, cart_token=token[::-1]) == "NOT_FOUND"
    foreign = await live.open(shop.actors["stranger"], cart_token=token)
    assert foreign.actor.company_id != shop.company_id


async def test_a_user_gets_the_changes_on_any_device_from_the_first_on(
    shop: Site, live: LiveSite, shirt: Any
) -> None:
    promotion = {"name": "Spring", "code": "SPRING", "type": "SEASONAL", "discountType": "PERCENTAGE"}
    made = await shop.do(PROMOTE, "admin", **promotion, discountValue="10")
    async with (
        live.watching(CHANGED, "customer") as watched,
        live.watching(CHANGED, "clerk") as other,
    ):
        await shop.do(ADD, "customer", **line(shirt, 2))
        await received(live, watched, 1)
        assert await shop.value(APPLY, "customer", input={"code": "SPRING"}) == {"errors": []}
        await received(live, watched, 2)
        await shop.value(CLEAR, "customer")
        await received(live, watched, 3)
    assert units(watched) == [2, 2, 0]
    discounts = [value["cart"]["totals"]["discounts"] for value in watched.values]
    assert discounts == [[], [{"promotionId": made["promotion"]["id"]}], []]
    assert other.answers == []


async def test_an_order_empties_the_cart_on_every_device(shop: Site, live: LiveSite, shirt: Any) -> None:
    await shop.do(ADD, "customer", **line(shirt, 2))
    await live.deliver()
    async with live.watching(CHANGED, "customer") as watched:
        await shop.do(ORDER, "customer", idempotencyKey=str(new_id()), shippingAddress=HOME)
        await received(live, watched, 1)
    assert units(watched) == [0]


async def test_a_merged_cart_ends_the_subscription_of_the_guest(shop: Site, live: LiveSite, shirt: Any) -> None:
    token = (await shop.do(ADD, **line(shirt)))["cartToken"]
    await shop.do(ADD, "customer", **line(shirt))
    await live.deliver()
    async with (
        live.watching(CHANGED, cartToken=token) as guest,
        live.watching(CHANGED, "customer") as customer,
    ):
        await shop.do(MERGE, "customer", cartToken=token)
        await live.deliver()
        await guest.end()
        await customer.wait_for(1)
    assert guest.values == ["NOT_FOUND"]
    assert units(customer) == [2]


async def test_a_user_whose_cart_is_gone_gets_none(shop: Site, live: LiveSite, shirt: Any, owner: Any) -> None:
    added = await shop.do(ADD, "customer", **line(shirt))
    await live.deliver()
    async with live.watching(CHANGED, "customer") as watched:
        await shop.do(UPDATE, "customer", id=added["cart"]["items"][0]["id"], quantity=2)
        await owner.execute("delete from carts where company_id = $1", shop.company_id)
        await received(live, watched, 1)
    assert watched.values == [{"cart": None}]


async def test_an_event_executes_a_statement_for_the_actor_and_one_for_the_cart(
    shop: Site, live: LiveSite, shirt: Any
) -> None:
    token = await shop.token(SystemRole.CUSTOMER)
    query = "subscription { cartChanged { cart { id } } }"
    with counting() as count:
        async with live.watching(query, token) as watched:
            await shop.do(ADD, token, **line(shirt))
            count.data = count.actor = 0
            await received(live, watched, 1)
    assert (count.actor, count.data) == (1, 1)
