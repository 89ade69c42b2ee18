"""Invoices over HTTP: lists, settings, issuing on request, and who may fetch the PDF."""

import io
from typing import Any, Final
from uuid import UUID

import pytest
from pypdf import PdfReader

from domains.kernel.actor import Actor, ActorKind
from domains.kernel.ids import new_id
from domains.kernel.permissions import Grant, PermissionAction, PermissionResource
from tests.domains.actors import administrator, member
from tests.domains.order.invoices.invoicing_shop import Billing
from tests.domains.order.storefront import Storefront
from tests.gateway.graphql.order.operations import key
from tests.gateway.site import Site

A, R = PermissionAction, PermissionResource
ISSUE: Final = """mutation ($input: OrderInvoiceIssueInput!) { orderInvoiceIssue(input: $input) {
  invoice { id kind number total { amount currency } tax { amount } language documentPath orderId correctedId }
  errors { code message path } } }"""
ORDERS: Final = """{ orders(first: 10) { nodes { id invoices { id kind number } } } }"""
LIST: Final = """query ($filter: InvoiceFilterInput) { invoices(first: 10, filter: $filter) {
  nodes { id number kind total { amount } } } }"""
INVOICE: Final = "query ($id: ID!) { invoice(id: $id) { id number } }"
NODE: Final = "query ($id: ID!) { node(id: $id) { id ... on Invoice { number } } }"
SETTINGS: Final = "{ documentSettings { legalName city country invoicePattern documentLanguage invoicesFrom } }"
UPDATE: Final = """mutation ($input: DocumentSettingsUpdateInput!) { documentSettingsUpdate(input: $input) {
  settings { legalName country invoicePattern documentLanguage retentionYears } errors { code message path } } }"""


@pytest.fixture
async def billing(shop: Storefront) -> Billing:
    return await Billing.opened(shop, bank_details="IBAN DE00 1234\nBIC ABCDEFGH")


@pytest.fixture
def reader(site: Site) -> Actor:
    return member(site.company_id, "CLERK", 10, frozenset({Grant(R.ORDERS, A.READ)}))


@pytest.fixture
def nobody(site: Site) -> Actor:
    return member(site.company_id, "CLERK", 10, frozenset({Grant(R.INVENTORY, A.READ)}))


async def pdf(site: Site, who: Any, invoice_id: Any, **headers: str) -> Any:
    return await site.send("GET", who, f"/invoices/{invoice_id}.pdf", headers=headers)


async def issued(site: Site, billing: Billing) -> Any:
    order = await billing.paid()
    return (await site.do(ISSUE, billing.clerk, idempotencyKey=key(), orderId=str(order.id)))["invoice"]


async def test_an_invoice_is_issued_once_for_each_key(site: Site, billing: Billing) -> None:
    order = await billing.paid(3)
    given = {"idempotencyKey": key(), "orderId": str(order.id)}
    first = await site.do(ISSUE, billing.clerk, **given)
    assert await site.do(ISSUE, billing.clerk, **given) == first
    invoice = first["invoice"]
    assert invoice == {
        "id": invoice["id"],
        "kind": "INVOICE",
        "number": "INV-000001",
        "total": {"amount": f"{order.total:.2f}", "currency": "EUR"},
        "tax": {"amount": f"{order.tax_amount:.2f}"},
        "language": "en",
        "documentPath": f"/invoices/{invoice['id']}.pdf",
        "orderId": str(order.id),
        "correctedId": None,
    }
    again = await site.refused(ISSUE, billing.clerk, idempotencyKey=key(), orderId=str(order.id))
    assert (again["code"], again["path"]) == ("ORDER_INVOICED", ["input", "orderId"])


async def test_the_pdf_has_the_figures_of_the_order_in_its_language(site: Site, billing: Billing) -> None:
    order = await billing.paid(2)
    await site.database.run(_in_german(order.id), Actor.system(site.company_id))
    invoice = (await site.do(ISSUE, billing.clerk, idempotencyKey=key(), orderId=str(order.id)))["invoice"]
    found = await pdf(site, billing.clerk, invoice["id"])
    assert (found.status_code, found.headers["content-type"]) == (200, "application/pdf")
    assert found.headers["content-disposition"] == 'inline; filename="INV-000001.pdf"'
    assert found.headers["cache-control"] == "no-store"
    (page,) = PdfReader(io.BytesIO(found.content)).pages
    text = page.extract_text().replace("\xa0", " ")
    total = f"{order.total:.2f}".replace(".", ",") + " €"
    shown = ("Rechnung INV-000001", "Łódź Trading s.r.o.", "Deutschland", order.order_number, total, "IBAN DE00 1234")
    assert [each for each in shown if each not in text] == []
    assert (await pdf(site, billing.clerk, invoice["id"])).content == found.content


def _in_german(order_id: UUID) -> Any:
    return lambda tx: tx.execute(
        "update orders set language = 'de' where company_id = $1 and id = $2", tx.company_id, order_id
    )


async def test_buyer_and_staff_fetch_the_pdf_and_others_find_none(
    site: Site, billing: Billing, reader: Actor, nobody: Actor, other_company: UUID
) -> None:
    invoice = await issued(site, billing)
    allowed = [billing.ada, billing.clerk, reader]
    assert [(await pdf(site, who, invoice["id"])).status_code for who in allowed] == [200, 200, 200]
    denied = [None, nobody, await billing.shop.customer(), administrator(other_company)]
    assert [(await pdf(site, who, invoice["id"])).status_code for who in denied] == [404] * 4
    assert (await pdf(site, billing.clerk, new_id())).status_code == 404
    assert (await pdf(site, None, invoice["id"], **{"x-order-token": "wrong"})).status_code == 404


async def test_a_guest_fetches_the_pdf_with_the_token_of_the_order(site: Site, billing: Billing) -> None:
    shop, guest = billing.shop, Actor(ActorKind.GUEST, site.company_id)
    token = await shop.fill(guest, ("A", 1))
    placed = await shop.place(guest, cart_token=token, email="guest@example.com")
    await shop.pay(guest, placed.order, token=placed.token)
    invoice = await billing.issue(placed.order)
    assert (await pdf(site, None, invoice.id, **{"x-order-token": placed.token or ""})).status_code == 200
    assert (await pdf(site, None, invoice.id)).status_code == 404


async def test_orders_show_their_invoices_with_one_statement_for_all(site: Site, billing: Billing) -> None:
    for _ in range(3):
        await issued(site, billing)
    await site.ask(ORDERS, billing.clerk)
    nodes = (await site.value(ORDERS, billing.clerk))["nodes"]
    assert site.count.data == 2
    assert sorted(invoice["number"] for node in nodes for invoice in node["invoices"]) == [
        *("INV-000001", "INV-000002", "INV-000003")
    ]


async def test_lists_are_filtered_and_for_staff_alone(site: Site, billing: Billing, reader: Actor) -> None:
    order = await billing.shipped(3)
    await billing.work()
    await billing.refund(order, "4.50")
    await billing.work()
    nodes = (await site.value(LIST, reader))["nodes"]
    assert [(node["number"], node["total"]["amount"]) for node in nodes] == [
        ("CN-000001", "4.50"),
        ("INV-000001", f"{order.total:.2f}"),
    ]
    for given in ({"kind": "CREDIT_NOTE"}, {"number": "CN-000001"}):
        found = (await site.value(LIST, reader, filter=given))["nodes"]
        assert [node["number"] for node in found] == ["CN-000001"]
    assert len((await site.value(LIST, reader, filter={"orderId": str(order.id)}))["nodes"]) == 2
    assert (await site.value(LIST, reader, filter={"issuedBefore": "2020-01-01T00:00:00Z"}))["nodes"] == []
    assert await site.denied(LIST, billing.ada) == "FORBIDDEN"
    assert await site.value(INVOICE, billing.ada, id=nodes[1]["id"]) == {"id": nodes[1]["id"], "number": "INV-000001"}
    assert await site.value(NODE, billing.ada, id=nodes[1]["id"]) == {"id": nodes[1]["id"], "number": "INV-000001"}
    stranger = await billing.shop.customer()
    assert await site.value(INVOICE, stranger, id=nodes[1]["id"]) is None
    assert await site.value(NODE, stranger, id=nodes[1]["id"]) is None


async def test_issuing_and_settings_need_their_permissions(
    site: Site, billing: Billing, reader: Actor, other_company: UUID
) -> None:
    order = await billing.paid()
    given = {"idempotencyKey": key(), "orderId": str(order.id)}
    assert await site.denied(ISSUE, reader, input=given) == "FORBIDDEN"
    assert await site.denied(ISSUE, billing.ada, input=given) == "FORBIDDEN"
    assert await site.denied(ISSUE, None, input=given) == "UNAUTHENTICATED"
    assert (await site.refused(ISSUE, administrator(other_company), **given))["code"] == "NOT_FOUND"
    assert await site.denied(SETTINGS, reader) == "FORBIDDEN"
    assert await site.denied(UPDATE, reader, input={"city": "Hamburg"}) == "FORBIDDEN"
    assert await billing.shop.count("invoices") == 0
    assert (await site.value(SETTINGS, billing.clerk))["city"] == "Berlin"


async def test_settings_are_checked_all_at_once(site: Site, billing: Billing) -> None:
    changed = await site.do(UPDATE, billing.clerk, documentLanguage="de-at", invoicePattern="R{year}-{number:05}")
    assert changed["settings"] == {
        "legalName": "Łódź Trading s.r.o.",
        "country": "DE",
        "invoicePattern": "R{year}-{number:05}",
        "documentLanguage": "de-AT",
        "retentionYears": 10,
    }
    wrong = {"country": "XX", "documentLanguage": "not a tag", "invoicePattern": "R", "retentionYears": 31}
    errors = (await site.value(UPDATE, billing.clerk, input=wrong))["errors"]
    assert {(error["code"], error["path"][-1]) for error in errors} == {
        ("INVALID", "country"),
        ("LANGUAGE_INVALID", "documentLanguage"),
        ("ORDER_NUMBER_PATTERN_INVALID", "invoicePattern"),
        ("OUT_OF_RANGE", "retentionYears"),
    }
    assert (await site.value(SETTINGS, billing.clerk))["documentLanguage"] == "de-AT"
