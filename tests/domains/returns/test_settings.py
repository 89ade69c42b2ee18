"""The settings of returns name products and categories of the own company only."""

from uuid import UUID

import pytest

from domains.kernel.errors import DomainError, NotFound
from domains.kernel.ids import new_id
from domains.kernel.validation import errors_of
from tests.domains.order.storefront import Storefront
from tests.domains.returns.delivered_orders import DeliveredOrder
from tests.gateway.site import services_of


async def test_goods_of_nobody_and_of_another_company_are_not_found(
    delivered: DeliveredOrder, other_company: UUID
) -> None:
    shop = delivered.shop
    other = Storefront(services_of(shop.clock, shop.database), shop.database, shop.clock, other_company, shop.owner)
    theirs = await other.stock("A", 1)
    own = shop.products["A"]
    settings = shop.services.returns.settings
    changes = {
        "non_returnable_product_ids": [own.id, theirs.id, new_id()],
        "non_returnable_category_ids": [own.category_id, theirs.category_id],
    }
    with pytest.raises(DomainError) as caught:
        await shop.run(lambda tx: settings.update(tx, changes, "EUR"))
    assert [(type(error), error.field) for error in errors_of(caught.value)] == [
        (NotFound, ("non_returnable_product_ids", "1")),
        (NotFound, ("non_returnable_product_ids", "2")),
        (NotFound, ("non_returnable_category_ids", "1")),
    ]
    row = await shop.run(settings.current)
    assert (row.non_returnable_product_ids, row.non_returnable_category_ids) == ([], [])
    allowed = {"non_returnable_product_ids": [own.id], "non_returnable_category_ids": [own.category_id]}
    row = await shop.run(lambda tx: settings.update(tx, allowed, "EUR"))
    assert (row.non_returnable_product_ids, row.non_returnable_category_ids) == ([own.id], [own.category_id])
