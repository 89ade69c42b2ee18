"""How many look at a product: who counts, who sees it, and what an unknown product tells."""

from uuid import UUID

from domains.kernel.actor import Actor
from domains.kernel.ids import new_id
from tests.domains.actors import administrator
from tests.gateway.graphql.catalog.test_subscriptions import change, polo
from tests.gateway.live.live_site import LiveSite
from tests.gateway.live.subscribers import Watched
from tests.gateway.site import Site

WATCH = """subscription ($productId: ID!, $isViewing: Boolean! = true) {
  productPresence(productId: $productId, isViewing: $isViewing) { viewers } }"""
ASK = "query ($productId: ID!) { productPresence(productId: $productId) { viewers } }"


def counts(watched: Watched) -> list[int]:
    return [value["viewers"] for value in watched.values]


async def test_each_user_counts_once_and_each_guest_once_for_a_connection(shop: Site, live: LiveSite) -> None:
    id_ = await polo(shop)
    async with live.watching(WATCH, productId=id_, isViewing=False) as watcher:
        await watcher.wait_for(1)
        async with (
            live.watching(WATCH, productId=id_) as guest,
            live.watching(WATCH, productId=id_),
            live.watching(WATCH, "customer", productId=id_),
            live.watching(WATCH, "customer", productId=id_),
        ):
            await shop.presence.flush()
            await guest.wait_for(1)
            await watcher.wait_for(2)
            assert (await shop.data(ASK, productId=id_))["productPresence"] == {"viewers": 3}
        await shop.presence.flush()
        await watcher.wait_for(3)
    assert counts(watcher) == [0, 3, 0]
    assert counts(guest) == [3]
    assert {tuple(answer["extensions"]) for answer in watcher.answers} == {("cost",)}


async def test_a_guest_with_two_subscriptions_on_a_connection_counts_once(shop: Site, live: LiveSite) -> None:
    id_ = await polo(shop)
    session = await live.open()
    async with live.watching_in(session, WATCH, productId=id_) as first:
        async with live.watching_in(session, WATCH, productId=id_):
            await shop.presence.flush()
            await first.wait_for(1)
        await shop.presence.flush()
    assert counts(first) == [1]


async def test_other_products_and_companies_are_apart(shop: Site, live: LiveSite, other_company: UUID) -> None:
    id_, other = await polo(shop), await polo(shop, name="Other", sku="O")
    async with live.watching(WATCH, productId=id_), live.watching(WATCH, productId=other) as watched:
        await shop.presence.flush()
        await watched.wait_for(1)
    assert counts(watched) == [1]
    for who in (Actor.anonymous(other_company), administrator(other_company)):
        assert await live.refusal(WATCH, who, productId=id_) == "NOT_FOUND"
        assert (await shop.data(ASK, who, productId=id_))["productPresence"] is None


async def test_an_unknown_product_has_no_viewers_and_no_room(shop: Site, live: LiveSite) -> None:
    unknown = str(new_id())
    assert await live.refusal(WATCH, productId=unknown) == "NOT_FOUND"
    assert (await shop.data(ASK, productId=unknown))["productPresence"] is None
    assert shop.presence.rooms == 0


async def test_a_product_that_is_hidden_ends_the_subscription_of_those_who_do_not_see_it(
    shop: Site, live: LiveSite
) -> None:
    id_ = await polo(shop)
    async with (
        live.watching(WATCH, productId=id_) as guest,
        live.watching(WATCH, "editor", productId=id_) as editor,
    ):
        await change(shop, "productUnpublish", id=id_)
        await shop.presence.flush()
        await guest.end()
        await editor.wait_for(1)
        await shop.presence.flush()
        await editor.wait_for(2)
    assert (guest.values, counts(editor)) == (["NOT_FOUND"], [2, 1])
