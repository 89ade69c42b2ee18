"""The operations of docs/carriers.md, one after the other."""

import httpx

from gateway.demo.loader import Demo
from gateway.demo.welcome import purchases_for
from tests.gateway.demo.guides.test_payment_guide import filled, operations, value
from tests.gateway.demo.test_orders import ask, log_in


async def test_the_operations_of_the_guide_connect_a_carrier_and_buy_a_label(
    client: httpx.AsyncClient, demo: Demo
) -> None:
    adapters, connect, buy, track, void = operations("docs/carriers.md")
    customer, staff, purchase = await log_in(client, 1), await log_in(client, 0), await demo.purchase()
    assert purchase is not None
    create, pay = purchases_for(purchase)
    order_id = (await ask(client, create, customer))["orderCreate"]["order"]["id"]
    assert (await ask(client, pay.replace("ID OF THE ORDER", order_id), customer))["orderPay"]["errors"] == []

    (offered,) = (await ask(client, adapters, staff)).values()
    assert [each["name"] for each in offered] == ["MANUAL", "MOCK", "TABLE"]
    carrier = (await value(client, connect, staff))["carrier"]
    assert carrier["isAvailable"] is True
    assert carrier["credentials"][0] == {"name": "webhook_secret", "isSet": True, "value": None}
    label = (await value(client, filled(buy, order_id, carrier["id"]), staff))["label"]
    assert label["status"] == "PURCHASED"
    (events,) = (await ask(client, filled(track, label["id"]), staff)).values()
    assert [each["status"] for each in events] == ["PRE_TRANSIT"]
    document = await client.get(label["documentPath"], headers={"authorization": f"Bearer {staff}"})
    assert (document.status_code, document.headers["content-type"]) == (200, "application/pdf")
    assert (await value(client, filled(void, label["id"]), staff))["label"]["status"] == "VOIDED"
