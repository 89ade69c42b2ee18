"""Inputs with several errors, and the expected errors in the order of the input."""

from typing import Any

from domains.kernel.ids import new_id

LONG = "x" * 60_000
UNKNOWN_ID = "00000000-0000-0000-0000-000000000001"
KEY = str(new_id())
ADDRESS = {"fullName": " ", "addressLine1": LONG, "city": LONG, "country": "Mars", "phone": "no"}
WRONG_ADDRESS = [
    *("REQUIRED fullName", "TOO_LONG addressLine1", "TOO_LONG city", "INVALID country", "INVALID phone"),
]
# Each: the mutation, its input ($ names a thing of the shop), and the code and path of every error.
CASES: list[tuple[str, dict[str, Any], list[str]]] = [
    (
        "stockSet",
        {
            "levels": [
                {"sku": "$sku", "available": -1},
                {"sku": " ", "available": 1},
                {"sku": "$sku", "available": 2_000_000_000},
            ],
            "reason": LONG,
            "reference": LONG,
        },
        [
            "OUT_OF_RANGE levels.0.available",
            "REQUIRED levels.1.sku",
            "DUPLICATE_VALUE levels.2.sku",
            "OUT_OF_RANGE levels.2.available",
            "TOO_LONG reason",
            "TOO_LONG reference",
        ],
    ),
    (
        "stockSet",
        {"levels": [{"sku": sku, "available": 1} for sku in ("$sku", "NONE-1", "NONE-2")]},
        ["NOT_FOUND levels.1.sku", "NOT_FOUND levels.2.sku"],
    ),
    (
        "stockBulkUpdate",
        {"changes": [{"sku": sku, "quantity": 1} for sku in ("NONE-0", "$sku", "NONE-2")]},
        ["NOT_FOUND changes.0.sku", "NOT_FOUND changes.2.sku"],
    ),
    (
        "stockBulkUpdate",
        {
            "type": "PURCHASE",
            "changes": [{"sku": "", "quantity": 0}, {"sku": "$sku", "quantity": -1}],
            "reason": LONG,
        },
        [
            "REQUIRED changes.0.sku",
            "OUT_OF_RANGE changes.0.quantity",
            "MOVEMENT_DIRECTION_WRONG changes.1.quantity",
            "TOO_LONG reason",
        ],
    ),
    (
        "stockBulkUpdate",
        {"changes": [{"sku": "$sku", "quantity": -1_000}]},
        ["INSUFFICIENT_STOCK changes.0.quantity"],
    ),
    (
        "stockUpdate",
        {"sku": " ", "quantity": 0, "reason": LONG, "reference": LONG},
        ["REQUIRED sku", "OUT_OF_RANGE quantity", "TOO_LONG reason", "TOO_LONG reference"],
    ),
    (
        "stockReorderUpdate",
        {"sku": "", "reorderPoint": -1, "reorderQuantity": -1, "location": LONG},
        ["REQUIRED sku", "OUT_OF_RANGE reorderPoint", "OUT_OF_RANGE reorderQuantity", "TOO_LONG location"],
    ),
    (
        "productCreate",
        {
            "name": " ",
            "categoryId": UNKNOWN_ID,
            "basePrice": "-1",
            "slug": "?",
            "images": [{"url": "/a"}, {"url": "no url"}, {"url": "//b", "altText": LONG}],
            "tags": ["fine, too", f"a,{LONG}"],
            "weight": "-0.001",
            "height": "0",
            "variants": [
                {"sku": "NEW", "options": [{"name": "", "value": ""}], "stock": -1, "weight": "0.0001"},
                {"sku": "NEW", "priceModifier": "0.00001", "images": [{"url": "?"}], "width": "100000.1"},
            ],
        },
        [
            "REQUIRED name",
            "NOT_FOUND categoryId",
            "OUT_OF_RANGE basePrice",
            "INVALID slug",
            "INVALID images.1.url",
            "INVALID images.2.url",
            "TOO_LONG images.2.altText",
            "TOO_LONG tags.1",
            "OUT_OF_RANGE weight",
            "OUT_OF_RANGE height",
            "REQUIRED variants.0.options.0.name",
            "REQUIRED variants.0.options.0.value",
            "TOO_MANY_DECIMALS variants.0.weight",
            "OUT_OF_RANGE variants.0.stock",
            "SKU_REPEATED variants.1.sku",
            "TOO_MANY_DECIMALS variants.1.priceModifier",
            "INVALID variants.1.images.0.url",
            "OUT_OF_RANGE variants.1.width",
        ],
    ),
    (
        "productCreate",
        {
            "name": "A",
            "categoryId": "$category",
            "basePrice": "10",
            "slug": "a-shirt",
            "attributes": [{"name": "", "value": ""}, {"name": "a", "value": "b"}, {"name": "A", "value": "c"}],
            "variants": [{"sku": "ONE", "priceModifier": "-11"}, {"sku": "$sku"}, {"sku": "ONE"}],
            "stock": 1,
        },
        [
            "SLUG_TAKEN slug",
            "REQUIRED attributes.0.name",
            "REQUIRED attributes.0.value",
            "DUPLICATE_VALUE attributes.2",
            "PRICE_BELOW_ZERO variants.0.priceModifier",
            "SKU_REPEATED variants.2.sku",
            "SKU_REQUIRED stock",
        ],
    ),
    (
        "productCreate",
        {
            "name": "A",
            "categoryId": "$category",
            "basePrice": "10",
            "variants": [
                {"sku": "ONE", "options": [{"name": "Size", "value": "M"}]},
                {"sku": "$sku", "options": [{"name": "size", "value": "m"}, {"name": "Size", "value": "L"}]},
            ],
        },
        ["DUPLICATE_VALUE variants.1.options.1.name"],
    ),
    (
        "productCreate",
        {"name": "A", "categoryId": "$category", "basePrice": "10", "variants": [{"sku": "ONE"}, {"sku": "$sku"}]},
        ["SKU_TAKEN variants.1.sku"],
    ),
    (
        "productUpdate",
        {
            "id": "$product",
            "name": "",
            "slug": "?",
            "basePrice": "-1",
            "brand": LONG,
            "sku": "",
            "isActive": None,
            "weight": "100000.001",
            "length": "-1",
            "requiresShipping": None,
        },
        [
            "REQUIRED name",
            "OUT_OF_RANGE basePrice",
            "INVALID slug",
            "TOO_LONG brand",
            "REQUIRED sku",
            "REQUIRED isActive",
            "OUT_OF_RANGE weight",
            "OUT_OF_RANGE length",
            "REQUIRED requiresShipping",
        ],
    ),
    (
        "productUpdate",
        {"id": "$product", "categoryId": UNKNOWN_ID, "sku": "OWN"},
        ["NOT_FOUND categoryId", "SKU_ON_PRODUCT sku"],
    ),
    ("productUpdate", {"id": UNKNOWN_ID, "name": " "}, ["NOT_FOUND id", "REQUIRED name"]),
    ("productAttributesSet", {"productId": UNKNOWN_ID, "attributes": []}, ["NOT_FOUND productId"]),
    (
        "productVariantCreate",
        {"productId": "$product", "sku": "", "name": LONG, "priceModifier": "0.00001", "stock": -1},
        ["REQUIRED sku", "TOO_LONG name", "TOO_MANY_DECIMALS priceModifier"],
    ),
    (
        "productVariantCreate",
        {
            "productId": "$product",
            "sku": "$sku",
            "options": [{"name": "Size", "value": "M"}],
            "priceModifier": "-100",
            "stock": -1,
        },
        ["SKU_TAKEN sku", "OPTIONS_TAKEN options", "PRICE_BELOW_ZERO priceModifier", "OUT_OF_RANGE stock"],
    ),
    ("productVariantCreate", {"productId": UNKNOWN_ID, "sku": "NEW"}, ["NOT_FOUND productId"]),
    (
        "productVariantUpdate",
        {
            "id": "$variant",
            "sku": "",
            "name": "",
            "displayOrder": 2_000_000,
            "options": [{"name": "", "value": "a"}],
            "weight": "-1",
            "width": "0.05",
        },
        [
            "REQUIRED sku",
            "REQUIRED name",
            "REQUIRED options.0.name",
            "OUT_OF_RANGE displayOrder",
            "OUT_OF_RANGE weight",
            "TOO_MANY_DECIMALS width",
        ],
    ),
    (
        "categoryCreate",
        {
            "name": " ",
            "slug": "?",
            "parentId": UNKNOWN_ID,
            "image": {"url": "?"},
            "icon": LONG,
            "displayOrder": 2_000_000,
        },
        [
            "REQUIRED name",
            "INVALID slug",
            "NOT_FOUND parentId",
            "INVALID image.url",
            "TOO_LONG icon",
            "OUT_OF_RANGE displayOrder",
        ],
    ),
    (
        "categoryCreate",
        {"name": "A", "slug": "shirts", "parentId": UNKNOWN_ID},
        ["SLUG_TAKEN slug", "NOT_FOUND parentId"],
    ),
    ("categoryUpdate", {"id": "$category", "name": "", "slug": "?"}, ["REQUIRED name", "INVALID slug"]),
    (
        "categoryAttributeCreate",
        {"categoryId": "$category", "name": "", "type": "SELECT", "unit": LONG, "options": ["a", " ", "A"]},
        ["REQUIRED name", "TOO_LONG unit", "REQUIRED options.1", "DUPLICATE_VALUE options.2"],
    ),
    ("categoryAttributeCreate", {"categoryId": UNKNOWN_ID, "name": "Cut"}, ["NOT_FOUND categoryId"]),
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
        "companySettingsUpdate",
        {
            "name": "",
            "taxRate": "2",
            "timeZone": "Mars",
            "orderNumberPattern": "",
            "flatShipping": "-1",
            "paymentMinutes": 0,
        },
        [
            "REQUIRED name",
            "OUT_OF_RANGE taxRate",
            "OUT_OF_RANGE flatShipping",
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
        "orderStatusUpdate",
        {"orderId": "$order", "status": "PAID", "comment": LONG, "trackingNumber": LONG},
        ["STATUS_NOT_SETTABLE status", "TOO_LONG comment", "TOO_LONG trackingNumber"],
    ),
]
