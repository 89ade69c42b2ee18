"""Sample events, and a stream that a test fills."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import count
from operator import itemgetter
from typing import Any, Final
from uuid import UUID

from domains.auth.events import UserDisabled
from domains.catalog.events import ProductCreated, ProductDeleted, ProductUpdated
from domains.inventory.events import StockAdjusted
from gateway.infra.live.memory_stream import MemoryStream
from gateway.live.channels import Channel, Channels
from gateway.live.stream import encoded

COMPANY, OTHER = UUID(int=1), UUID(int=2)
NOON: Final = datetime(2030, 1, 1, 12, tzinfo=UTC)
TIMES: Final = (NOON + timedelta(microseconds=number) for number in count())
"""Times of transactions."""
PRODUCTS = Channel("product", {ProductUpdated: itemgetter("product_id"), ProductDeleted: None})
STOCK = Channel("stock", {StockAdjusted: lambda payload: [item["sku"] for item in payload["items"]]})
USERS = Channel("user", {UserDisabled: itemgetter("user_id")}, is_of_every_company=True)
CHANNELS = Channels([PRODUCTS, STOCK, USERS])
UNHEARD = ProductCreated.topic


def updated(product: str, company_id: UUID | None = COMPANY) -> bytes:
    """The body of an update of a product."""
    return body(ProductUpdated.topic, company_id, product_id=product)


def body(topic: str, company_id: UUID | None = COMPANY, *, at: datetime | None = None, **payload: Any) -> bytes:
    """The body of an event, by default of a transaction of its own."""
    return encoded(topic, company_id, UUID(int=7), payload, at or next(TIMES))


async def add(stream: MemoryStream, bodies: Sequence[bytes], *, is_gap: bool = False) -> None:
    """Append events as a feed does."""
    position = await stream.position()
    number = int((position or "0").partition(":")[0]) + 1
    assert await stream.store(bodies, expected=position, position=f"{number}:{number}:", is_gap=is_gap)
