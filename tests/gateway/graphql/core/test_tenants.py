"""Two companies: every operation with an id of the other company finds and changes nothing."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from graphql import get_named_type

from gateway.graphql.core.schema import build_schema
from tests.gateway.sample_shop import create_objects, user_tokens
from tests.gateway.schema_operations import Operation, operations, replaced
from tests.gateway.site import Site

SCHEMA = build_schema().graphql
# By name of the argument or, for a plain `id`, by what the operation's name begins with; the longer ones first.
KINDS = {
    "categoryIds": "category",
    "categoryId": "category",
    "parentId": "category",
    "moveProductsTo": "category",
    "excludedCategoryIds": "category",
    "excludedProductIds": "product",
    "nonReturnableProductIds": "product",
    "nonReturnableCategoryIds": "category",
    "couponId": "coupon",
    "carrierId": "carrier",
    "endpointId": "webhookEndpoint",
    "labelId": "shippingLabel",
    "noteId": "orderNote",
    "shipmentId": "shipment",
    "orderItemId": "orderItem",
    "productId": "product",
    "productIds": "product",
    "variantId": "variant",
    "promotionId": "promotion",
    "giftCardId": "giftCard",
    "orderId": "order",
    "paymentId": "payment",
    "webhookId": "webhook",
    "shippingAddressId": "address",
    "billingAddressId": "address",
    "userId": "user",
    "userIds": "user",
    "segmentId": "segment",
    "performedBy": "staff",
    "roleId": "role",
    "permissionIds": "permission",
    "sku": "sku",
    "warehouseId": "warehouse",
    "fromWarehouseId": "warehouse",
    "toWarehouseId": "warehouse",
    "entryId": "ledgerEntry",
    "reportId": "settlementReport",
    "taxClassId": "taxClass",
    "shippingTaxClassId": "taxClass",
    "zoneId": "shippingZone",
    "methodId": "shippingMethod",
    "shippingMethodId": "shippingMethod",
    "profileIds": "shippingProfile",
    "shippingProfileId": "shippingProfile",
    "differenceId": "settlementDifference",
    # Nothing is held for anybody: the id of a customer stands in its place.
    "subjectId": "user",
}
# Each operation has a return of its own; what stands after its name is the kind of object of that return.
OF_OPERATION = {"returnRequestId": "", "returnItemId": "Item"}
PREFIXES = {
    "cartItem": "cartItem",
    "categoryAttribute": "attribute",
    "productVariant": "variant",
    "category": "category",
    "order": "order",
    "paymentWebhook": "webhook",
    "notificationSuppression": "notificationSuppression",
    "productAlert": "productAlert",
    "pushDevice": "pushDevice",
    "announcement": "announcement",
    "product": "product",
    "promotion": "promotion",
    "couponCode": "couponCode",
    "coupon": "coupon",
    "customerSegment": "segment",
    "review": "review",
    "role": "role",
    "address": "address",
    "user": "user",
    "session": "session",
    "company": "company",
    "node": "order",
    "notification": "notification",
    "paymentMethod": "paymentMethod",
    # There is no payment: the id of an order stands in its place.
    "payment": "order",
    "refund": "order",
    "invoice": "order",  # nor is there an invoice
    "returnRequest": "returnRequest",
    "giftCard": "giftCard",
    "settlementDifference": "settlementDifference",
    "settlement": "settlementReport",
    "ledgerAccount": "ledgerAccount",
    "ledgerEntry": "ledgerEntry",
    "taxClass": "taxClass",
    "taxRate": "taxRate",
    "stockTransfer": "stockTransfer",
    "stockTake": "stockTake",
    "shippingZone": "shippingZone",
    "shippingMethod": "shippingMethod",
    "shippingProfile": "shippingProfile",
    "carrier": "carrier",
    "webhookEndpoint": "webhookEndpoint",
    "webhookDeliver": "webhookDelivery",
    "shippingLabel": "shippingLabel",
    "shipment": "shipment",
    "purchaseOrder": "purchaseOrder",
    "warehouse": "warehouse",
}
# What an operation needs beyond what its types ask for.
NEEDED: dict[str, dict[str, Any]] = {
    "announcementSend": {"kind": "NEWS", "language": "en"},
    "cartItemsAdd": {"quantity": 1},
    "giftCardBalanceAdjust": {"amount": "1"},
    "ledgerAdjustmentCreate": {
        "lines": [
            {"account": "6000", "side": "DEBIT", "amount": "1"},
            {"account": "1000", "side": "CREDIT", "amount": "1"},
        ]
    },
    "paymentCreate": {"hosted": True},
    "promotionCreate": {"code": "NEW", "discountValue": "5", "rules": []},
    "promotionUpdate": {"rules": []},
    "couponCreate": {"code": "OWN", "discountValue": "5"},
    "taxRateCreate": {"rate": "0.07"},
    "stockDamage": {"isQuarantined": False},
    "stockTakeCount": {"counted": 27},
    "stockTransferReceive": {"lines": [{"sku": "words", "received": 2}]},
    "stockTransferUpdate": {"lines": [{"sku": "words", "quantity": 2}]},
    "carrierCreate": {"adapter": "MOCK"},
    "webhookEndpointCreate": {"url": "https://hooks.example.com/", "topics": ["order.paid"]},
    "webhookEndpointUpdate": {"url": "https://hooks.example.com/", "topics": ["order.paid"]},
    "carrierUpdate": {"adapter": "MOCK", "credentials": [{"name": "account_number", "value": "42"}]},
}
TABLES = """
select c.table_name, bool_or(c.column_name = 'company_id') as owned from information_schema.columns c
join information_schema.tables t using (table_schema, table_name)
where c.table_schema = 'public' and t.table_type = 'BASE TABLE' group by 1 order by 1
"""
# What a request may write whatever it finds: the intruder's own sign-in, and when each session was last active.
OWN = {"user_sessions", "outbox_events", "inbox_entries", "users", "_prisma_migrations"}
# Operations that the shop's own administrator is refused as well, and why.
REFUSED_TO_ITSELF = {
    "activityLogs": "nothing was tracked",
    "categories": "the filter asks for the children of a category that has none",
    "categoryAttributeUpdate": "the name is taken by the attribute made before",
    "categoryMove": "a category cannot stand under itself",
    "companyActivate": "the platform's alone",
    "companyUpdate": "the platform's alone",
    "couponCreate": "a coupon cannot exclude what it is for",
    "couponUpdate": "the coupon is made up",
    "customerSegmentMembers": "the list is empty",
    "customerSegmentUpdate": "a segment cannot depend on itself",
    "giftCards": "no card was sold with the line that the filter asks for",
    "invoice": "nothing was invoiced",
    "invoices": "nothing was invoiced",
    "ledgerEntries": "nothing is held for the customer",
    "notificationRead": "the customer's alone",
    "notificationRetry": "it did not fail",
    "notifications": "none is to the recipient that the filter asks for",
    "orderConfirmationResend": "the order was cancelled before",
    "orderCreate": "the address is in the customer's book, not in the administrator's",
    "orderDiscountAdd": "the line is made up",
    "orderDiscountRemove": "no discount was given",
    "orderEdit": "the line is made up",
    "orderHold": "the order was cancelled before",
    "orderHoldRelease": "the order is not on hold",
    "orderInvoiceIssue": "no seller is named",
    "orderMarkPaid": "the order was not accepted yet",
    "orderPay": "no card is given",
    "orderReallocate": "both warehouses are the same",
    "orderRefund": "nothing was paid",
    "orderStatusUpdate": "no order is made PENDING by hand",
    "orders": "the filter asks for a promotion that no order has used",
    "paymentAuditLogs": "nothing was paid",
    "paymentTransactions": "nothing was paid",
    "payments": "nothing was paid",
    "refunds": "nothing was paid",
    "paymentCreate": "only the customer has a method kept",
    "myReturns": "the customer's alone",
    "returnExchange": "nothing was paid",
    "returnInspect": "nothing was received",
    "returnLabelBuy": "the place from which the company ships is not known",
    "returnReceive": "nothing was delivered",
    "returnRefund": "nothing was paid",
    "returnRequestCreate": "no goods are wished unless in an exchange",
    "reviewUpdate": "the author's alone",
    "shippingMethodCreate": "a delivery has no warehouse where goods are collected",
    "shippingMethodUpdate": "a delivery has no warehouse where goods are collected",
    "rolePermissionsAssign": "the permission is made up",
    "productAlertConfirm": "no code was mailed",
    "productAlertCreate": "the address of a user is that of the account",
    "purchaseOrderCancel": "it was received before",
    "pushDeviceRemove": "the user's alone",
    "stockTakeCancel": "it was completed before",
    "stockTransferCancel": "it was received before",
    "stockTransferCreate": "both warehouses are the same",
    "stockTransfers": "the filter asks for both warehouses to be the same",
    "carrierTracking": "the carrier does not know the parcel",
    "shippingLabelBuy": "the order was not paid yet",
    "shipmentCreate": "the order was not paid yet",
    "shipmentDispatch": "the order was not paid yet",
    "shipmentReceiveBack": "it did not come back",
    "shipmentSplit": "there is one unit in the shipment",
    "shipmentTrackingAdd": "it was cancelled before",
    "shipmentUpdate": "it was cancelled before",
    "shipments": "the filter asks for an order that does not exist",
    "users": "nobody has the role that the filter asks for",
    "webhookDeliveries": "the filter asks for an event that does not exist",
    "webhookDeliveryReplay": "it is being tried",
}
# Operations that tell what they could not find instead of failing, or ignore it.
REPORTING = {"cartSync", "customerSegmentMembersRemove", "orderBulkFulfil"}
DESTROY = ("Delete", "Disable", "Deactivate", "Unpublish", "End")


def kind_of(operation: Operation, path: tuple[str, ...], leaf: Any) -> str | None:
    """The kind of object that an argument names, or None."""
    name = path[-1]
    if name == "sku" and not operation.name.startswith("stock"):
        return None  # a new SKU; it may be the same as somebody else's
    if name in OF_OPERATION:
        return f"{operation.name}{OF_OPERATION[name]}"
    if name in KINDS:
        return KINDS[name]
    if get_named_type(leaf).name != "ID":
        return None
    found = next((kind for prefix, kind in PREFIXES.items() if operation.name.startswith(prefix)), None)
    assert found, f"{operation.name}.{'.'.join(path)} takes an id of something this test does not know"
    return found


def named(operation: Operation) -> list[tuple[tuple[str, ...], str]]:
    """The arguments that name an object, each with its kind."""
    kinds = [(path, kind_of(operation, path, leaf)) for path, leaf in operation.paths()]
    return [(path, kind) for path, kind in kinds if kind]


def variables(operation: Operation, ids: dict[str, str]) -> dict[str, Any]:
    """Arguments that name the objects with these ids."""
    needed = NEEDED.get(operation.name, {})
    made = operation.variables(lambda name, _type: needed.get(name))
    for path, kind in named(operation):
        # A rule of a promotion has one member; the tests of rules name the products of others.
        if kind in ids and "moveProductsTo" not in path and "rules" not in path:
            made = replaced(made, path, operation.field, ids[kind])
    return made


def found_something(operation: Operation, answer: dict[str, Any]) -> bool:
    """Whether an answer shows or has changed anything."""
    value = (answer.get("data") or {}).get(operation.name)
    if isinstance(value, dict):
        return not value.get("errors") and value.get("nodes") != []
    return any(value) if isinstance(value, list) else bool(value)


async def contents(owner: Any, company_id: UUID) -> dict[str, str]:
    """A digest of each table: the company's rows, and all rows of tables that belong to no company."""
    digests = {}
    for table in await owner.fetch(TABLES):
        name = table["table_name"]
        if name in OWN and not table["owned"]:
            continue
        rows = "where t.company_id = $1" if table["owned"] else "where $1::uuid is not null"
        digests[name] = await owner.fetchval(
            f"select md5(coalesce(string_agg(t::text, '' order by t::text), '')) from {name} t {rows}",  # noqa: S608 - names of the catalogue
            company_id,
        )
    return digests


@pytest.fixture
async def shops(
    make_site: Callable[..., Site], company: UUID, other_company: UUID
) -> tuple[Site, dict[str, str], Site, str, dict[str, str]]:
    """The victim's shop and what is in it; the intruder's, with a token of its administrator, and what is in that."""
    victim, intruder = make_site(company), make_site(other_company)
    theirs = await create_objects(victim, *await user_tokens(victim))
    admin, customer = await user_tokens(intruder)
    return victim, theirs, intruder, admin, await create_objects(intruder, admin, customer)


async def test_no_operation_finds_or_changes_objects_of_another_company(
    shops: tuple[Site, dict[str, str], Site, str, dict[str, str]], owner: Any
) -> None:
    victim, theirs, intruder, token, own = shops
    before = await contents(owner, victim.company_id)
    tried = 0
    for operation in operations(SCHEMA):
        for path, kind in named(operation):
            if kind not in theirs:
                continue
            attack = replaced(variables(operation, own), path, operation.field, theirs[kind])
            answer = (await intruder.post(operation.text, token, **attack)).json()
            found = found_something(operation, answer) and operation.name not in REPORTING
            assert not found, (operation.name, path, answer)
            tried += 1
    assert tried > 40
    assert await contents(owner, victim.company_id) == before


async def test_the_same_operations_succeed_for_the_own_company(
    shops: tuple[Site, dict[str, str], Site, str, dict[str, str]],
) -> None:
    """Shows that the attack above is made of requests that work."""
    _, _, intruder, token, own = shops
    refused = {}
    for operation in operations(SCHEMA):
        harmless = not operation.name.endswith(DESTROY)
        if harmless and any(kind in own for _, kind in named(operation)):
            answer = (await intruder.post(operation.text, token, **variables(operation, own))).json()
            if not found_something(operation, answer):
                refused[operation.name] = answer
    assert set(refused) == set(REFUSED_TO_ITSELF), refused
