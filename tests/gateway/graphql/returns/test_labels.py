"""Labels of returns over HTTP: bought by staff, once for each key, and printed by those who send the goods."""

from typing import Any

import pytest

from domains.kernel.actor import Actor
from domains.kernel.ids import new_id
from tests.domains.returns.delivered_orders import DeliveredOrder
from tests.domains.returns.return_parcels import ReturnParcels
from tests.gateway.graphql.order.operations import key
from tests.gateway.graphql.returns import operations
from tests.gateway.site import Site

BOUGHT = """returnRequest { id status authorization {
  trackingNumber carrierName labelDocumentPath label { id isReturn documentPath cost { amount } } } }
  errors { code message path }"""
BUY = operations.mutation("returnLabelBuy").replace(operations.RETURN, BOUGHT)
SHOWN = """query ($number: String!) { returnRequest(rmaNumber: $number) {
  authorization { trackingNumber labelDocumentPath } } }"""


@pytest.fixture
async def parcels(delivered: DeliveredOrder) -> ReturnParcels:
    return await ReturnParcels.opened(delivered)


def wanted(parcels: ReturnParcels, request: Any, **given: Any) -> dict[str, Any]:
    return {
        "idempotencyKey": key(),
        "returnRequestId": str(request.id),
        "carrierId": str(parcels.depot.mock.id),
        "service": "STANDARD",
        "parcel": {"weight": "1.5"},
        **given,
    }


async def pdf(site: Site, who: Actor | None, path: str, **headers: str) -> Any:
    return await site.send("GET", who, path, headers=headers)


async def test_staff_buy_a_label_and_the_buyer_prints_it(site: Site, parcels: ReturnParcels) -> None:
    request, clerk, buyer = await parcels.approved(), parcels.depot.clerk, parcels.delivered.buyer
    given = wanted(parcels, request)
    bought = (await site.do(BUY, clerk, **given))["returnRequest"]
    assert (await site.do(BUY, clerk, **given))["returnRequest"] == bought
    authorization = bought["authorization"]
    path = authorization["labelDocumentPath"]
    assert (bought["status"], path) == ("APPROVED", f"/returns/{request.id}/label.pdf")
    assert authorization["label"]["isReturn"]
    assert authorization["carrierName"] == "Mock"
    shown = await site.value(SHOWN, buyer, number=request.rma_number)
    assert shown["authorization"] == {
        "trackingNumber": authorization["trackingNumber"],
        "labelDocumentPath": path,
    }
    printed = await pdf(site, buyer, path)
    assert (printed.status_code, printed.headers["content-type"]) == (200, "application/pdf")
    assert printed.headers["cache-control"] == "no-store"
    assert printed.content.startswith(b"%PDF-")
    assert (await pdf(site, clerk, path)).content == printed.content
    assert (await pdf(site, clerk, authorization["label"]["documentPath"])).content == printed.content


async def test_others_print_nothing(site: Site, parcels: ReturnParcels) -> None:
    request, clerk = await parcels.approved(), parcels.depot.clerk
    path = f"/returns/{request.id}/label.pdf"
    assert (await pdf(site, clerk, path)).status_code == 404
    await site.do(BUY, clerk, **wanted(parcels, request))
    stranger = await parcels.delivered.shop.customer()
    for who in (None, stranger):
        assert (await pdf(site, who, path, **{"x-order-token": "0" * 64})).status_code == 404
    assert (await pdf(site, clerk, f"/returns/{new_id()}/label.pdf")).status_code == 404


async def test_refusals_name_their_fields(site: Site, parcels: ReturnParcels) -> None:
    request, clerk = await parcels.approved(), parcels.depot.clerk
    wrong = wanted(parcels, request, service=" ", parcel={"weight": "0"}, cost="1")
    errors = (await site.value(BUY, clerk, input=wrong))["errors"]
    assert [(error["code"], error["path"][1:]) for error in errors] == [
        ("REQUIRED", ["service"]),
        ("OUT_OF_RANGE", ["parcel", "weight"]),
        ("NOT_APPLICABLE", ["cost"]),
    ]
    await site.do(BUY, clerk, **wanted(parcels, request))
    error = await site.refused(BUY, clerk, **wanted(parcels, request))
    assert (error["code"], error["path"]) == ("RETURN_LABEL_EXISTS", ["input", "returnRequestId"])


async def test_the_buyer_buys_no_label(site: Site, parcels: ReturnParcels) -> None:
    request = await parcels.approved()
    for who in (None, parcels.delivered.buyer):
        assert (await site.ask(BUY, who, input=wanted(parcels, request))).get("errors")
    assert await parcels.depot.labels() == []
