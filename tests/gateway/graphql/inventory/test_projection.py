"""Changes of the ledger update lists of products through the outbox."""

from typing import Any

from domains.kernel.events import Envelope
from gateway.bootstrap import register_handlers
from gateway.messaging.event_emitter import EventEmitter
from tests.gateway.graphql.catalog.conftest import make_category, make_product
from tests.gateway.graphql.catalog.operations import codes
from tests.gateway.site import Site

EVENTS = """
select id, topic, version, company_id, aggregate_id, sequence, actor_kind, actor_id, created_at, payload
from outbox_events where company_id = $1 order by sequence
"""
IN_STOCK = "{ products(filter: {inStock: true}) { nodes { name } } }"


async def test_the_in_stock_filter_follows_the_ledger(shop: Site, owner: Any) -> None:
    emitter = EventEmitter(shop.database)
    register_handlers(emitter, shop.services)

    async def carry() -> None:
        for row in await owner.fetch(EVENTS, shop.company_id):
            await emitter.emit(Envelope(*row.values()))

    async def shown() -> list[str]:
        answer = await shop.data(IN_STOCK)
        return sorted(node["name"] for node in answer["products"]["nodes"])

    category = await make_category(shop)
    await make_product(shop, name="Stocked", categoryId=category, basePrice="1.00", sku="A", stock=2)
    await make_product(shop, name="Empty", categoryId=category, basePrice="1.00", sku="B")
    await make_product(shop, name="Made to order", categoryId=category, basePrice="1.00", sku="C", isTracked=False)
    await carry()
    assert await shown() == ["Made to order", "Stocked"]

    assert await codes(shop, "stockUpdate", {"sku": "A", "quantity": -2}, "admin") == []
    assert await codes(shop, "stockSet", {"levels": [{"sku": "B", "available": 1}]}, "admin") == []
    for _ in range(2):
        await carry()
    assert await shown() == ["Empty", "Made to order"]
