"""A shop with one object of every type with an id, created through the API."""

from typing import Any
from uuid import UUID

import orjson

from domains.kernel.actor import Actor
from domains.kernel.ids import new_id
from domains.kernel.values.secret import Secret
from domains.notification.models import NewNotification, NotificationKind, NotificationType
from domains.role.models import SystemRole
from gateway.providers.mock.webhooks import HEADER
from gateway.providers.webhook_signature import sign
from tests.domains.payment.settlements.sample_reports import store_report
from tests.domains.returns.stored_returns import store_return
from tests.domains.shipping.carriers.stored_labels import store_label
from tests.domains.shipping.stored_shipments import store_shipment
from tests.gateway.graphql.inventory.sample_stock import create_documents
from tests.gateway.site import Site

CATEGORY = """mutation ($name: String!, $parentId: ID) {
  categoryCreate(input: {name: $name, parentId: $parentId}) { category { id } errors { message } } }"""
ATTRIBUTE = """mutation ($categoryId: ID!) {
  categoryAttributeCreate(input: {categoryId: $categoryId, name: "Fit", type: TEXT, isRequired: false,
    isFilterable: true, options: []}) { attribute { id } errors { message } } }"""
PRODUCT = """mutation ($name: String!, $categoryId: ID!, $sku: String!) {
  productCreate(input: {name: $name, categoryId: $categoryId, basePrice: "10", isActive: true,
    variants: [{sku: $sku, options: [{name: "Size", value: "M"}], stock: 7}]}) {
    product { id variants { id sku } } errors { message path } } }"""
REVIEW = """mutation ($productId: ID!) {
  reviewCreate(input: {productId: $productId, rating: 4}) { review { id } errors { message } } }"""
ALERT = """mutation ($productId: ID!, $variantId: ID) {
  productAlertCreate(input: {productId: $productId, variantId: $variantId, kind: PRICE_DROP}) {
    alert { id } errors { message } } }"""
PUSH_DEVICE = """mutation {
  pushDeviceRegister(input: {provider: FIREBASE, address: "a:token:of:twenty:letters"}) {
    device { id } errors { message } } }"""
SUPPRESSION = """mutation {
  notificationSuppressionCreate(input: {address: "gone@example.com"}) { suppression { id } errors { message } } }"""
ANNOUNCEMENT = """mutation { announcementSend(input: {idempotencyKey: "announcement", kind: NEWS,
  texts: [{language: "en", title: "Spring", text: "It is here."}]}) { announcement { id } errors { message } } }"""
PROMOTION = """mutation {
  promotionCreate(input: {name: "Spring", code: "SPRING", type: SEASONAL, discountType: PERCENTAGE,
    discountValue: "10"}) { promotion { id } errors { message } } }"""
SEGMENT = """mutation {
  customerSegmentCreate(input: {name: "Guests", conditions: {isGuest: true}}) { segment { id }
    errors { message } } }"""
ROLE = """mutation {
  roleCreate(input: {name: "Clerk", priority: 1, permissionIds: []}) { role { id } errors { message } } }"""
ADDRESS = """mutation {
  addressCreate(input: {type: SHIPPING, fullName: "A B", addressLine1: "1 Way", city: "Berlin", postalCode: "10115",
    country: "DE", isDefault: true}) { address { id } errors { message } } }"""
CART_ITEM = """mutation ($productId: ID!, $variantId: ID) {
  cartItemAdd(input: {productId: $productId, variantId: $variantId}) { cart { items { id } } errors { message } } }"""
CODE = """mutation ($code: String!) {
  cartPromotionApply(input: {code: $code}) { cart { totals { discounts { promotionId } } } errors { message } } }"""
CARD = """mutation ($code: Secret!) {
  cartGiftCardApply(input: {code: $code}) { cart { giftCards { giftCardId } } errors { message } } }"""
ORDER = """mutation ($key: String!) {
  orderCreate(input: {idempotencyKey: $key, shippingAddress: {fullName: "A B", addressLine1: "1 Way", city: "Berlin",
    postalCode: "10115", country: "DE"}}) { order { id } errors { message path } } }"""
NOTE = """mutation ($key: String!, $orderId: ID!) {
  orderNoteAdd(input: {idempotencyKey: $key, orderId: $orderId, note: "Wrapped", isInternal: false}) {
    note { id } errors { message } } }"""
LEDGER_ACCOUNT = """mutation {
  ledgerAccountCreate(input: {code: "10000", name: "Petty cash", type: ASSET}) {
    account { id } errors { message } } }"""
ADJUSTMENT = """mutation ($key: String!, $orderId: ID!) {
  ledgerAdjustmentCreate(input: {idempotencyKey: $key, orderId: $orderId, reason: "A correction", lines: [
    {account: "6000", side: DEBIT, amount: "1"}, {account: "1000", side: CREDIT, amount: "1"}]}) {
    entry { id } errors { message path } } }"""
GIFT_CARD = """mutation ($key: String!) { giftCardCreate(input: {idempotencyKey: $key, cards: [{amount: "50"}]}) {
  giftCards { code giftCard { id } } errors { message } } }"""
TAX_CLASS = """mutation { taxClassCreate(input: {code: "books", name: "Books"}) {
  taxClass { id } errors { message } } }"""
TAX_RATE = """mutation ($id: ID!) {
  taxRateCreate(input: {taxClassId: $id, name: "GST", country: "NZ", rate: "0.15"}) {
    taxRate { id } errors { message } } }"""
ZONE = """mutation { shippingZoneCreate(input: {name: "World", type: REST_OF_WORLD}) {
  shippingZone { id } errors { message } } }"""
METHOD = """mutation ($id: ID!) { shippingMethodCreate(input: {zoneId: $id, name: "Parcel", rates: [{rate: "0"}]}) {
  shippingMethod { id } errors { message } } }"""
PROFILE = """mutation { shippingProfileCreate(input: {name: "Furniture"}) {
  shippingProfile { id } errors { message } } }"""
CARRIER = """mutation { carrierCreate(input: {name: "Mock", code: "mock", adapter: "MOCK"}) {
  carrier { id } errors { message } } }"""
ENDPOINT = """mutation { webhookEndpointCreate(input: {url: "https://hooks.example.com/", topics: ["order.paid"]}) {
  endpoint { id } errors { message } } }"""
PING = """mutation ($id: ID!) { webhookEndpointTest(input: {id: $id}) { delivery { id } errors { message } } }"""
# The operations on a return, each with one of its own in this state.
OF_RETURNS = {
    "returnApprove": "PENDING",
    "returnCancel": "PENDING",
    "returnReject": "PENDING",
    "returnRequest": "PENDING",
    "returnClose": "IN_TRANSIT",
    "returnExchange": "IN_TRANSIT",
    "returnInspect": "IN_TRANSIT",
    "returnLabelBuy": "APPROVED",
    "returnMarkShipped": "APPROVED",
    "returnReceive": "IN_TRANSIT",
    "returnRefund": "IN_TRANSIT",
    "returnTrackingAdd": "IN_TRANSIT",
}
MINE = "{ me { id } sessions(first: 1) { nodes { id } } }"


async def create_objects(site: Site, admin: str, customer: str) -> dict[str, str]:
    """Create the objects; returns their ids (and the SKU) by kind."""

    async def create(query: str, field: str, token: str = admin, **variables: Any) -> Any:
        payload = await site.value(query, token, **variables)
        assert payload["errors"] == []
        return payload[field]

    category = await create(CATEGORY, "category", name="Shirts")
    attribute = await create(ATTRIBUTE, "attribute", categoryId=category["id"])
    product = await create(
        PRODUCT, "product", name="A shirt", categoryId=category["id"], sku=f"SHIRT-{site.company_id.hex[-6:]}"
    )
    review = await create(REVIEW, "review", customer, productId=product["id"])
    promotion = await create(PROMOTION, "promotion")
    role = await create(ROLE, "role")
    address = await create(ADDRESS, "address", customer)
    variant = product["variants"][0]["id"]
    await create(CART_ITEM, "cart", customer, productId=product["id"], variantId=variant)
    cart = await create(CART_ITEM, "cart", productId=product["id"], variantId=variant)
    carried = await create(CODE, "cart", code="SPRING")
    assert carried["totals"]["discounts"] == [{"promotionId": promotion["id"]}]
    order = await create(ORDER, "order", customer, key=str(new_id()))
    event = {"id": "evt_1", "type": "x", "created": 1, "payment": {"id": "ch_1", "reference": order["id"]}}
    webhook = await _webhook(site, orjson.dumps(event))
    mine = (await site.post(MINE, customer)).json()["data"]
    return {
        "category": category["id"],
        "attribute": attribute["id"],
        "product": product["id"],
        "variant": variant,
        "order": order["id"],
        "cartItem": cart["items"][0]["id"],
        "sku": product["variants"][0]["sku"],
        "review": review["id"],
        "promotion": promotion["id"],
        "role": role["id"],
        "address": address["id"],
        "user": mine["me"]["id"],
        "staff": (await site.value("{ me { id } }", admin))["id"],
        "session": mine["sessions"]["nodes"][0]["id"],
        "company": str(site.company_id),
        "webhook": str(webhook),
        **await _in_ledger(site, admin, order["id"]),
        "giftCard": await _gift_card(site, admin),
        **await _terms(site, admin) | await _label(site, admin, order["id"]),
        "segment": (await create(SEGMENT, "segment"))["id"],
        **await create_documents(site, product["variants"][0]["sku"]),
        **await _told(site, admin, customer, product["id"], variant),
    }


async def _told(site: Site, admin: str, customer: str, product_id: str, variant_id: str) -> dict[str, str]:
    """A suppression and an announcement; a product alert, a device and a notification in the shop of the customer."""
    suppressed, announced = await site.value(SUPPRESSION, admin), await site.value(ANNOUNCEMENT, admin)
    device = await site.value(PUSH_DEVICE, customer)
    alert = await site.value(ALERT, customer, productId=product_id, variantId=variant_id)
    user_id = (await site.value("{ me { id } }", customer))["id"]
    return {
        "notificationSuppression": suppressed["suppression"]["id"],
        "announcement": announced["announcement"]["id"],
        "pushDevice": device["device"]["id"],
        "productAlert": alert["alert"]["id"],
        "notification": await _notification(site, UUID(user_id)),
    }


async def _notification(site: Site, user_id: UUID) -> str:
    """A notification that a user has in the shop."""
    kind, parts = NotificationKind.PASSWORD_CHANGED, site.services.notification
    new = NewNotification(kind=kind, dedupe_key=str(new_id()), type=NotificationType.IN_APP, user_id=user_id)
    system = Actor.system(site.company_id)
    (made,) = await site.database.run(lambda tx: parts.notifications.create(tx, [new]), system)
    await parts.delivery.send(site.database, site.company_id, made, 1)
    return str(made)


async def _in_ledger(site: Site, admin: str, order_id: str) -> dict[str, str]:
    """An account of the company's own, and an adjustment of an order."""
    made = await site.value(LEDGER_ACCOUNT, admin)
    posted = await site.value(ADJUSTMENT, admin, key=str(new_id()), orderId=order_id)
    assert made["errors"] == posted["errors"] == []
    reported = await store_report(site.database, site.company_id)
    return {"ledgerAccount": made["account"]["id"], "ledgerEntry": posted["entry"]["id"], **reported}


async def _webhook(site: Site, body: bytes) -> UUID | None:
    """A received webhook of the mock provider."""
    headers = {HEADER: sign(body, Secret("a webhook secret"), site.clock.now())}
    system = Actor.system(site.company_id)
    return await site.services.payment.webhooks.receive(site.database, system, "MOCK", body, headers)


async def _shipping(site: Site, admin: str) -> dict[str, str]:
    """A zone that is shipped to free of charge, its method, and a profile."""
    zone = await site.value(ZONE, admin)
    method = await site.value(METHOD, admin, id=zone["shippingZone"]["id"])
    profile = await site.value(PROFILE, admin)
    assert zone["errors"] == method["errors"] == profile["errors"] == []
    return {
        "shippingZone": zone["shippingZone"]["id"],
        "shippingMethod": method["shippingMethod"]["id"],
        "shippingProfile": profile["shippingProfile"]["id"],
    }


async def _terms(site: Site, admin: str) -> dict[str, str]:
    """A tax class with a rate, and what is shipped."""
    made = await site.value(TAX_CLASS, admin)
    rated = await site.value(TAX_RATE, admin, id=made["taxClass"]["id"])
    assert made["errors"] == rated["errors"] == []
    taxes = {"taxClass": made["taxClass"]["id"], "taxRate": rated["taxRate"]["id"]}
    return taxes | await _shipping(site, admin)


async def _label(site: Site, admin: str, order_id: str) -> dict[str, str]:
    """A carrier with a label for an order, on which there is a note, and returns of the order."""
    made = await site.value(CARRIER, admin)
    noted = await site.value(NOTE, admin, key=str(new_id()), orderId=order_id)
    assert made["errors"] == noted["errors"] == []
    carrier_id = made["carrier"]["id"]
    label_id = await store_label(site.database, site.company_id, UUID(carrier_id), UUID(order_id))
    note = {"orderNote": noted["note"]["id"]}
    shipment = await store_shipment(site.database, site.company_id, UUID(order_id))
    made_of_order = note | shipment | await _returns(site, order_id)
    return {"carrier": carrier_id, "shippingLabel": str(label_id), **made_of_order, **await _webhooks(site, admin)}


async def _webhooks(site: Site, admin: str) -> dict[str, str]:
    """A webhook endpoint with a delivery."""
    made = await site.value(ENDPOINT, admin)
    sent = await site.value(PING, admin, id=made["endpoint"]["id"])
    assert made["errors"] == sent["errors"] == []
    return {"webhookEndpoint": made["endpoint"]["id"], "webhookDelivery": sent["delivery"]["id"]}


async def _returns(site: Site, order_id: str) -> dict[str, str]:
    """A return for each operation, under its name, and the item of the return."""
    made = {}
    for name, status in OF_RETURNS.items():
        made[name], made[f"{name}Item"] = await store_return(site.database, site.company_id, UUID(order_id), status)
    return made


async def _gift_card(site: Site, admin: str) -> str:
    """A gift card, which is in the administrator's cart."""
    issued = await site.value(GIFT_CARD, admin, key=str(new_id()))
    (made,) = issued["giftCards"]
    applied = await site.value(CARD, admin, code=made["code"])
    assert issued["errors"] == applied["errors"] == []
    return str(made["giftCard"]["id"])


async def user_tokens(site: Site) -> tuple[str, str]:
    """The tokens of an administrator and a customer of the shop."""
    return await site.token(SystemRole.ADMIN), await site.token(SystemRole.CUSTOMER)
