"""Inputs with several errors, and the expected errors in the order of the input."""

from typing import Any

from domains.kernel.ids import new_id
from tests.gateway.graphql.catalog.error_cases import CATALOG_CASES, LONG, UNKNOWN_ID
from tests.gateway.graphql.inventory.error_cases import STOCK_CASES

KEY = str(new_id())
ADDRESS = {"fullName": " ", "addressLine1": LONG, "city": LONG, "country": "Mars", "phone": "no"}
WRONG_ADDRESS = [
    *("REQUIRED fullName", "TOO_LONG addressLine1", "TOO_LONG city", "INVALID country", "INVALID phone"),
]
# Each: the mutation, its input ($ names a thing of the shop), and the code and path of every error.
CASES: list[tuple[str, dict[str, Any], list[str]]] = [
    *STOCK_CASES,
    *CATALOG_CASES,
    (
        "reviewCreate",
        {"productId": UNKNOWN_ID, "rating": 6, "title": LONG, "comment": LONG},
        ["NOT_FOUND productId", "OUT_OF_RANGE rating", "TOO_LONG title", "TOO_LONG comment"],
    ),
    (
        "promotionCreate",
        {
            "name": "",
            "type": "LOYALTY",
            "discountType": "BUY_X_GET_Y",
            "code": "no code",
            "discountValue": "1",
            "buyQuantity": 0,
            "minPurchaseAmount": "-1",
            "maxUsageCount": 0,
            "maxUsagePerUser": 0,
            "startDate": "2026-02-01T00:00:00Z",
            "endDate": "2026-01-01T00:00:00Z",
            "productIds": ["$product", UNKNOWN_ID],
            "categoryIds": [UNKNOWN_ID, "$category"],
        },
        [
            "REQUIRED name",
            "NOT_APPLICABLE discountValue",
            "INVALID code",
            "OUT_OF_RANGE buyQuantity",
            "REQUIRED getQuantity",
            "REQUIRED requiredOrders",
            "OUT_OF_RANGE minPurchaseAmount",
            "OUT_OF_RANGE maxUsageCount",
            "OUT_OF_RANGE maxUsagePerUser",
            "RANGE_INVERTED endDate",
            "NOT_FOUND productIds.1",
            "NOT_FOUND categoryIds.0",
        ],
    ),
    (
        "promotionUpdate",
        {"id": "$promotion", "priority": None, "name": "", "discountValue": "101", "productIds": [UNKNOWN_ID]},
        ["REQUIRED name", "OUT_OF_RANGE discountValue", "REQUIRED priority", "NOT_FOUND productIds.0"],
    ),
    (
        "promotionCreate",
        {"name": "A", "type": "SEASONAL", "discountType": "PERCENTAGE", "discountValue": "0", "code": "spring"},
        ["OUT_OF_RANGE discountValue", "PROMOTION_CODE_TAKEN code"],
    ),
    (
        "notificationPreferencesUpdate",
        {
            "preferences": [
                {"category": "ACCOUNT", "channel": "EMAIL", "enabled": False},
                {"category": "NEWS", "channel": "EMAIL", "enabled": True},
                {"category": "NEWS", "channel": "EMAIL", "enabled": False},
            ]
        },
        ["NOT_APPLICABLE preferences.0.category", "DUPLICATE_VALUE preferences.2"],
    ),
    (
        "pushDeviceRegister",
        {"provider": "WEB_PUSH", "address": "http://localhost/", "p256dh": "AAAA", "name": LONG},
        ["PUSH_ENDPOINT_REFUSED address", "PUSH_KEY_INVALID p256dh", "PUSH_KEY_INVALID auth", "TOO_LONG name"],
    ),
    (
        "notificationProfileUpdate",
        {"language": "no language", "timeZone": "Mars", "quietHours": {"start": "7", "end": "24:00"}},
        ["LANGUAGE_INVALID language", "INVALID timeZone", "INVALID quietHours.start", "INVALID quietHours.end"],
    ),
    (
        "announcementSend",
        {
            "idempotencyKey": KEY,
            "kind": "WELCOME",
            "texts": [{"language": "en", "title": " ", "text": "x"}, {"language": "en", "title": "x", "text": "x"}],
            "url": "javascript:x",
            "segmentId": UNKNOWN_ID,
            "scheduledAt": "2999-01-01T00:00:00Z",
        },
        [
            "INVALID kind",
            "REQUIRED texts.0.title",
            "INVALID texts.1.language",
            "INVALID url",
            "NOT_FOUND segmentId",
            "INVALID scheduledAt",
        ],
    ),
    (
        "emailTemplateUpdate",
        {
            "kind": "WELCOME",
            "language": "en",
            "source": {"subject": "{{ x }}", "title": "{% x %}", "short": "Hi", "bodyMjml": "<p>", "bodyText": "{{"},
        },
        [f"TEMPLATE_INVALID source.{part}" for part in ("subject", "title", "bodyMjml", "bodyText")],
    ),
    (
        "companySettingsUpdate",
        {
            "name": "",
            "taxRate": "2",
            "timeZone": "Mars",
            "orderNumberPattern": "",
            "paymentMinutes": 0,
        },
        [
            "REQUIRED name",
            "OUT_OF_RANGE taxRate",
            "ORDER_NUMBER_PATTERN_INVALID orderNumberPattern",
            "INVALID timeZone",
            "OUT_OF_RANGE paymentMinutes",
        ],
    ),
    (
        "companySettingsUpdate",
        {"taxCountry": "Mars", "shippingTaxClassId": UNKNOWN_ID, "reverseChargeCountries": ["NO", "Venus"]},
        ["INVALID taxCountry", "NOT_FOUND shippingTaxClassId", "INVALID reverseChargeCountries.1"],
    ),
    ("taxClassCreate", {"code": "§", "name": " "}, ["INVALID code", "REQUIRED name"]),
    (
        "taxRateCreate",
        {"taxClassId": UNKNOWN_ID, "name": LONG, "country": "Mars", "rate": "1.07", "postalPrefix": "-"},
        ["TOO_LONG name", "INVALID country", "OUT_OF_RANGE rate", "INVALID postalPrefix"],
    ),
    (
        "roleCreate",
        {"name": "", "code": "a", "description": LONG, "priority": -1, "permissionIds": [UNKNOWN_ID, UNKNOWN_ID]},
        [
            "REQUIRED name",
            "ROLE_CODE_INVALID code",
            "TOO_LONG description",
            "PRIORITY_INVALID priority",
            "NOT_FOUND permissionIds.0",
            "NOT_FOUND permissionIds.1",
        ],
    ),
    ("roleUpdate", {"id": "$role", "name": " ", "priority": 200}, ["REQUIRED name", "PRIORITY_INVALID priority"]),
    (
        "register",
        {"email": "nobody", "password": "short", "firstName": LONG, "lastName": LONG, "phone": "no"},
        [
            "INVALID email",
            "WEAK_PASSWORD password",
            "TOO_LONG firstName",
            "TOO_LONG lastName",
            "INVALID phone",
        ],
    ),
    (
        "userInvite",
        {"email": "nobody", "roleId": "$role", "firstName": LONG, "lastName": LONG},
        ["INVALID email", "TOO_LONG firstName", "TOO_LONG lastName"],
    ),
    (
        "passwordChange",
        {"currentPassword": "wrong", "newPassword": "short"},
        ["WRONG_PASSWORD currentPassword", "WEAK_PASSWORD newPassword"],
    ),
    (
        "passwordReset",
        {"token": "none", "newPassword": "short"},
        ["INVALID_RESET_TOKEN token", "WEAK_PASSWORD newPassword"],
    ),
    (
        "emailChangeRequest",
        {"newEmail": "nobody", "currentPassword": "wrong"},
        ["INVALID newEmail", "WRONG_PASSWORD currentPassword"],
    ),
    (
        "profileUpdate",
        {"firstName": LONG, "lastName": LONG, "phone": "no"},
        ["TOO_LONG firstName", "TOO_LONG lastName", "INVALID phone"],
    ),
    ("addressCreate", {"type": "SHIPPING", **ADDRESS}, WRONG_ADDRESS),
    (
        "addressCreate",
        {"type": "SHIPPING", "fullName": "", "addressLine1": "1 Way", "postalCode": "1", "country": "DE"},
        ["REQUIRED fullName", "REQUIRED city", "INVALID postalCode"],
    ),
    (
        "addressUpdate",
        {"id": "$address", "type": None, "fullName": "", "city": "", "postalCode": "1"},
        ["REQUIRED type", "REQUIRED fullName", "REQUIRED city", "INVALID postalCode"],
    ),
    (
        "activityTrack",
        {
            "activities": [
                {"action": "PRODUCT_VIEW", "resource": "no id", "metadata": []},
                {"action": "PAGE_VIEW", "resource": "fine"},
                {"action": "PAGE_VIEW", "resource": ""},
            ]
        },
        ["INVALID activities.0.resource", "INVALID activities.0.metadata", "REQUIRED activities.2.resource"],
    ),
    (
        "cartItemsAdd",
        {"items": [{"productId": "$product", "variantId": "$variant", "quantity": 0}, {"productId": UNKNOWN_ID}]},
        ["OUT_OF_RANGE items.0.quantity"],
    ),
    (
        "cartItemsAdd",
        {
            "items": [
                {"productId": UNKNOWN_ID},
                {"productId": "$product"},
                {"productId": "$product", "variantId": UNKNOWN_ID},
            ]
        },
        ["NOT_FOUND items.0.productId", "VARIANT_REQUIRED items.1.variantId", "NOT_FOUND items.2.variantId"],
    ),
    (
        "orderPay",
        {
            "idempotencyKey": KEY,
            "orderId": "$order",
            "card": {"number": "1", "expiryMonth": 13, "expiryYear": 1999, "securityCode": "x"},
        },
        [
            "CARD_INVALID card.number",
            "CARD_INVALID card.expiryMonth",
            "CARD_INVALID card.expiryYear",
            "CARD_INVALID card.securityCode",
        ],
    ),
    (
        "orderEdit",
        {
            "idempotencyKey": KEY,
            "orderId": "$order",
            "addLines": [{"productId": UNKNOWN_ID, "quantity": 0}],
            "changes": [{"orderItemId": UNKNOWN_ID, "quantity": 1}, {"orderItemId": UNKNOWN_ID, "quantity": 1}],
        },
        [
            "LINE_NOT_SOLD addLines.0.productId",
            "OUT_OF_RANGE addLines.0.quantity",
            "NOT_FOUND changes.0.orderItemId",
            "DUPLICATE_VALUE changes.1.orderItemId",
        ],
    ),
    (
        "orderReallocate",
        {
            "idempotencyKey": KEY,
            "orderId": "$order",
            "lines": [{"sku": "", "quantity": 0, "fromWarehouseId": UNKNOWN_ID, "toWarehouseId": UNKNOWN_ID}],
        },
        ["REQUIRED lines.0.sku", "OUT_OF_RANGE lines.0.quantity", "UNITS_ALREADY_THERE lines.0.toWarehouseId"],
    ),
    ("orderNoteAdd", {"idempotencyKey": KEY, "orderId": "$order", "note": " "}, ["REQUIRED note"]),
    ("orderHold", {"orderId": "$order", "reason": LONG}, ["TOO_LONG reason"]),
    (
        "orderStatusUpdate",
        {"orderId": "$order", "status": "PAID", "comment": LONG, "trackingNumber": LONG},
        ["STATUS_NOT_SETTABLE status", "TOO_LONG comment", "TOO_LONG trackingNumber"],
    ),
]
