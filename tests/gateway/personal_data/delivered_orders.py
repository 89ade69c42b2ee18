"""Orders that were delivered to people of whom personal data are stored."""

from tests.domains.order.storefront import Storefront
from tests.domains.returns.delivered_orders import DeliveredOrder
from tests.gateway import people
from tests.gateway.people import Subject


async def delivered_to(shop: Storefront, subject: Subject) -> DeliveredOrder:
    """An order of a person that arrived, ready to be returned."""
    order = await people.delivered_order(shop, subject)
    items = await shop.services.order.items_of(shop.database.reader(shop.company_id), [order.id])
    return DeliveredOrder(shop, subject.actor, order, list(items))
