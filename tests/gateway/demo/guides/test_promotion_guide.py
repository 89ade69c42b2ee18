"""The operations of docs/promotions.md, one after the other."""

import httpx

from tests.gateway.demo.guides.test_payment_guide import operations, value
from tests.gateway.demo.test_orders import log_in


async def test_the_operations_of_the_guide_create_promotions(client: httpx.AsyncClient) -> None:
    staff = await log_in(client, 0)
    shown = [(await value(client, operation, staff))["promotion"] for operation in operations("docs/promotions.md")]
    assert [promotion.pop("id") is not None for promotion in shown] == [True] * 3
    tiers = [{"fromQuantity": 12, "percentage": "5"}, {"fromQuantity": 48, "percentage": "8"}]
    assert shown == [
        {"status": "ACTIVE"},
        {"rules": [{"bundle": {"price": "25.00", "items": [{"quantity": 3}]}}]},
        {"rules": [{"volumeDiscount": {"scope": "ALL", "tiers": tiers}}]},
    ]
