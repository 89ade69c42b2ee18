"""The constraints of the database, which enforce invariants for every writer."""

from typing import Any
from uuid import UUID

import asyncpg
import pytest

from domains.kernel.ids import new_id

HASH = "'" + "a" * 64 + "'"
COLUMNS: dict[str, dict[str, str]] = {
    "tax_settings": {"company_id": "$2", "tax_rate": "0.19"},
    "tax_classes": {"id": "$1", "company_id": "$2", "code": "'c' || $1", "name": "'Books'", "updated_at": "now()"},
    "tax_rates": {
        "id": "$1", "company_id": "$2", "tax_class_id": "TAX_CLASS", "name": "'VAT'", "country": "'DE'",
        "rate": "0.19", "valid_from": "'2026-01-01'", "valid_until": "'2026-12-31'", "updated_at": "now()",
    },
    "shipping_settings": {"company_id": "$2", "handling_days": "2"},
    "companies": {"id": "$1", "name": "'A shop'", "slug": "'s' || replace($1::text, '-', '')", "updated_at": "now()"},
    "roles": {"id": "$1", "company_id": "$2", "name": "'Buyer'", "code": "'BUYER'", "updated_at": "now()"},
    "users": {
        "id": "$1", "email": "$1::text || '@example.com'", "updated_at": "now()",
        "role_id": "(select id from roles where code = 'CUSTOMER' and company_id is null)",
    },
    "categories": {"id": "$1", "company_id": "$2", "name": "'Tea'", "slug": "$1::text", "updated_at": "now()"},
    "category_attributes": {
        "id": "$1", "company_id": "$2", "category_id": "CATEGORY", "name": "'Leaf'", "type": "'TEXT'",
    },
    "products": {
        "id": "$1", "company_id": "$2", "name": "'Sencha'", "slug": "$1::text", "base_price": "9.5",
        "currency": "'EUR'", "category_id": "CATEGORY", "updated_at": "now()",
    },
    "product_variants": {
        "id": "$1", "company_id": "$2", "product_id": "PRODUCT", "sku": "$1::text", "name": "'100 g'",
        "updated_at": "now()",
    },
    "reviews": {
        "id": "$1", "company_id": "$2", "product_id": "PRODUCT", "user_id": "USER", "rating": "5",
        "updated_at": "now()",
    },
    "product_views": {"id": "$1", "company_id": "$2", "product_id": "PRODUCT", "views": "1"},
    "inventory_items": {
        "id": "$1", "company_id": "$2", "sku": "$1::text", "product_id": "PRODUCT", "available_stock": "3",
        "reserved_stock": "2", "total_stock": "5", "updated_at": "now()",
    },
    "warehouses": {
        "id": "$1", "company_id": "$2", "code": "$1::text", "name": "'Depot'", "is_default": "true",
        "updated_at": "now()",
    },
    "inventory_levels": {
        "id": "$1", "company_id": "$2", "inventory_id": "ITEM", "warehouse_id": "WAREHOUSE", "available_stock": "3",
        "reserved_stock": "1", "quarantined_stock": "1", "total_stock": "5", "updated_at": "now()",
    },
    "stock_movements": {
        "id": "$1", "company_id": "$2", "inventory_id": "ITEM", "warehouse_id": "WAREHOUSE", "type": "'PURCHASE'",
        "quantity": "5", "available_delta": "5", "reserved_delta": "0", "balance_after": "5",
        "actor_kind": "'SYSTEM'",
    },
    "reservations": {
        "id": "$1", "company_id": "$2", "inventory_id": "ITEM", "warehouse_id": "WAREHOUSE", "order_id": "$1",
        "quantity": "1", "updated_at": "now()",
    },
    "backorders": {
        "id": "$1", "company_id": "$2", "inventory_id": "ITEM", "order_id": "$1", "quantity": "2",
        "kind": "'PREORDER'", "updated_at": "now()",
    },
    "promotions": {
        "id": "$1", "company_id": "$2", "name": "'Spring'", "code": "$1::text", "type": "'SEASONAL'",
        "discount_value": "10", "discount_type": "'PERCENTAGE'", "currency": "'EUR'", "max_usage_count": "3",
        "current_usage_count": "3", "start_date": "'2026-01-01'", "end_date": "'2026-02-01'", "updated_at": "now()",
    },
    "promotion_rules": {
        "id": "$1", "company_id": "$2", "promotion_id": "PROMOTION", "rule_type": "'BUNDLE'", "conditions": "'{}'",
        "actions": "'{}'", "updated_at": "now()",
    },
    "addresses": {
        "id": "$1", "company_id": "$2", "user_id": "USER", "type": "'SHIPPING'", "full_name": "'Ann'",
        "address_line_1": "'1'", "city": "'Bonn'", "postal_code": "'1'", "country": "'DE'", "is_default": "true",
        "updated_at": "now()",
    },
    "user_sessions": {"id": "$1", "user_id": "USER", "refresh_token": HASH, "expires_at": "now()"},
    "password_reset_tokens": {"id": "$1", "user_id": "USER", "token_hash": HASH, "expires_at": "now()"},
    "carts": {
        "id": "$1", "company_id": "$2", "session_id": HASH, "currency": "'EUR'", "expires_at": "now()",
        "updated_at": "now()",
    },
    "cart_items": {
        "id": "$1", "company_id": "$2", "cart_id": "CART", "product_id": "PRODUCT", "quantity": "2",
        "price_snapshot": "9.5", "discount_amount": "19", "currency": "'EUR'", "updated_at": "now()",
    },
    "cart_email_codes": {
        "id": "$1", "company_id": "$2", "cart_id": "CART", "email": "'ann@example.com'", "code": HASH,
        "expires_at": "now()",
    },
    "orders": {
        "id": "$1", "company_id": "$2", "order_number": "$1::text", "email": "'ann@example.com'", "currency": "'EUR'",
        "subtotal": "10", "tax_amount": "1", "shipping_cost": "5", "discount_amount": "15", "total": "0",
        "tax_rate": "0.19", "prices_include_tax": "true", "updated_at": "now()",
    },
    "buyer_orders": {
        "company_id": "$2", "order_id": "ORDER", "email": "$1::text || '@example.com'", "paid_at": "now()",
    },
    "order_items": {
        "id": "$1", "company_id": "$2", "order_id": "ORDER", "product_id": "PRODUCT", "product_name": "'Sencha'",
        "sku": "'S'", "quantity": "1", "unit_price": "10", "total_price": "10", "currency": "'EUR'",
        "product_snapshot": "'{}'",
    },
    "payments": {
        "id": "$1", "company_id": "$2", "order_id": "ORDER", "provider": "'MOCK'", "method": "'card'", "amount": "10",
        "currency": "'EUR'", "updated_at": "now()",
    },
}  # fmt: skip
PLACES = {"PROMOTION": "promotions",
    "CATEGORY": "categories", "PRODUCT": "products", "ITEM": "inventory_items", "CART": "carts", "ORDER": "orders",
    "USER": "users", "TAX_CLASS": "tax_classes", "WAREHOUSE": "warehouses",
}  # fmt: skip
# Rows that refer to another one by several columns, and that one's table.
REFERRED = {"stock_movements": "inventory_levels", "reservations": "inventory_levels"}
BROKEN = [
    ("companies", {"currency": "'eur'"}, "companies_currency_code"),
    ("companies", {"slug": "'A shop'"}, "companies_slug_plain"),
    ("tax_settings", {"tax_rate": "1"}, "tax_settings_tax_rate_is_share"),
    ("tax_classes", {"code": "'Books'"}, "tax_classes_code_plain"),
    ("tax_rates", {"rate": "1"}, "tax_rates_rate_is_share"),
    ("tax_rates", {"rate": "-0.01"}, "tax_rates_rate_is_share"),
    ("tax_rates", {"country": "'de'"}, "tax_rates_country_code"),
    ("tax_rates", {"province": "''"}, "tax_rates_province_not_empty"),
    ("tax_rates", {"postal_prefix": "'sw1'"}, "tax_rates_postal_prefix_plain"),
    ("tax_rates", {"valid_until": "'2025-12-31'"}, "tax_rates_valid_until_not_before"),
    ("shipping_settings", {"handling_days": "61"}, "shipping_settings_handling_days_in_range"),
    ("roles", {"is_system": "true"}, "roles_system_has_no_company"),
    ("roles", {"priority": "101"}, "roles_priority_bounded"),
    ("users", {"email": "'Ann@example.com'"}, "users_email_folded"),
    ("users", {"email": "'ann'"}, "users_email_folded"),
    ("users", {"password_hash": "'secret'"}, "users_password_is_argon2id"),
    ("categories", {"parent_id": "$1"}, "categories_not_its_own_parent"),
    ("categories", {"name": "''"}, "categories_name_present"),
    ("category_attributes", {"type": "'SELECT'"}, "category_attributes_select_has_options"),
    ("products", {"base_price": "-0.01"}, "products_base_price_not_negative"),
    ("products", {"currency": "'€  '"}, "products_currency_code"),
    ("products", {"rating_sum": "6", "review_count": "1"}, "products_ratings_between_one_and_five"),
    ("products", {"rating_sum": "1", "review_count": "2"}, "products_ratings_between_one_and_five"),
    ("product_variants", {"options": "'[1, 2, 3, 4]'"}, "product_variants_options_at_most_three"),
    ("product_variants", {"options": "'{}'"}, "product_variants_options_at_most_three"),
    ("reviews", {"rating": "0"}, "reviews_rating_between_one_and_five"),
    ("reviews", {"rating": "6"}, "reviews_rating_between_one_and_five"),
    ("product_views", {"views": "0"}, "product_views_positive"),
    ("inventory_items", {"available_stock": "-1", "total_stock": "1"}, "inventory_items_available_not_negative"),
    ("inventory_items", {"reserved_stock": "-1", "total_stock": "2"}, "inventory_items_reserved_not_negative"),
    ("inventory_items", {"total_stock": "6"}, "inventory_items_total_adds_up"),
    ("inventory_items", {"quarantined_stock": "-1", "total_stock": "4"}, "inventory_items_quarantined_not_negative"),
    ("warehouses", {"code": "''"}, "warehouses_code_present"),
    ("warehouses", {"name": "''"}, "warehouses_name_present"),
    ("warehouses", {"country": "'de'"}, "warehouses_country_code"),
    ("warehouses", {"countries": "'{DE,fr}'"}, "warehouses_country_codes"),
    ("warehouses", {"countries": "'{DE,NULL}'"}, "warehouses_country_codes"),
    ("warehouses", {"is_active": "false"}, "warehouses_default_active"),
    ("inventory_levels", {"available_stock": "-1", "total_stock": "1"}, "inventory_levels_available_not_negative"),
    ("inventory_levels", {"reserved_stock": "-1", "total_stock": "3"}, "inventory_levels_reserved_not_negative"),
    (
        "inventory_levels",
        {"quarantined_stock": "-1", "total_stock": "3"},
        "inventory_levels_quarantined_not_negative",
    ),
    ("inventory_levels", {"total_stock": "6"}, "inventory_levels_total_adds_up"),
    ("stock_movements", {"type": "'QUARANTINE'"}, "stock_movements_quarantine_moves_within"),
    ("inventory_items", {"backordered_units": "1"}, "inventory_items_backorders_within_limit"),
    ("backorders", {"quantity": "0", "status": "'ALLOCATED'"}, "backorders_quantity_positive"),
    ("backorders", {"allocated": "3"}, "backorders_allocated_within_quantity"),
    ("backorders", {"allocated": "2"}, "backorders_allocated_when_filled"),
    ("backorders", {"status": "'ALLOCATED'"}, "backorders_allocated_when_filled"),
    ("backorders", {"country": "'de'"}, "backorders_country_code"),
    ("stock_movements", {"quantity": "0", "available_delta": "0"}, "stock_movements_quantity_positive"),
    ("stock_movements", {"available_delta": "4"}, "stock_movements_deltas_move_the_quantity"),
    ("stock_movements", {"type": "'RESERVATION'"}, "stock_movements_reservation_moves_within"),
    ("stock_movements", {"balance_after": "-1"}, "stock_movements_balance_not_negative"),
    ("reservations", {"quantity": "0"}, "reservations_quantity_positive"),
    ("reservations", {"order_id": "null"}, "reservations_for_order_or_cart"),
    ("promotions", {"current_usage_count": "4"}, "promotions_use_within_maximum"),
    ("promotions", {"discount_value": "100.01"}, "promotions_percentage_bounded"),
    ("promotions", {"end_date": "'2026-01-01'"}, "promotions_dates_ordered"),
    ("promotions", {"code": "null"}, "promotions_found_by_code_or_automatic"),
    ("promotion_rules", {"actions": "'[]'"}, "promotion_rules_conditions_and_actions_are_objects"),
    ("buyer_orders", {"email": "'Ann@example.com'"}, "buyer_orders_email_folded"),
    ("buyer_orders", {"paid_at": "null"}, "buyer_orders_says_something"),
    ("addresses", {"country": "'D '"}, "addresses_country_code"),
    ("user_sessions", {"refresh_token": "'plain'"}, "user_sessions_refresh_token_hashed"),
    ("user_sessions", {"ended_at": "now()"}, "user_sessions_end_has_reason"),
    ("password_reset_tokens", {"token_hash": "'plain'"}, "password_reset_tokens_hashed"),
    ("carts", {"session_id": "null"}, "carts_belong_to_somebody"),
    ("carts", {"quoted_total": "1"}, "carts_quote_complete"),
    ("carts", {"confirmed_email": "'Ann@example.com'"}, "carts_confirmed_email_folded"),
    ("cart_email_codes", {"email": "'Ann@example.com'"}, "cart_email_codes_email_folded"),
    ("cart_email_codes", {"code": "'123456'"}, "cart_email_codes_sealed"),
    ("cart_items", {"quantity": "0", "discount_amount": "0"}, "cart_items_quantity_positive"),
    ("cart_items", {"discount_amount": "19.01"}, "cart_items_discount_bounded"),
    ("orders", {"total": "-1"}, "orders_total_not_negative"),
    ("orders", {"discount_amount": "15.01"}, "orders_discount_bounded"),
    ("orders", {"status": "'PAID'"}, "orders_paid_has_time"),
    ("orders", {"email": "'Ann@example.com'"}, "orders_email_folded"),
    ("order_items", {"discount_amount": "10.01"}, "order_items_discount_bounded"),
    ("payments", {"amount": "0"}, "payments_amount_positive"),
    ("payments", {"status": "'AUTHORIZED'", "settled_at": "now()"}, "payments_settled_has_time"),
    ("payments", {"status": "'CANCELLED'"}, "payments_settled_has_time"),
    ("payments", {"status": "'FAILED'", "settled_at": "now()"}, "payments_failed_has_reason"),
    ("payments", {"status": "'REQUIRES_ACTION'", "next_action_url": "'/'"}, "payments_next_action_complete"),
    (
        "payments",
        {"next_action_type": "'REDIRECT'", "next_action_url": "'/'"},
        "payments_next_action_before_outcome",
    ),
]
TWICE = [
    ("roles", {"company_id": "null", "is_system": "true", "code": "'ADMIN'"}, "roles_system_code"),
    ("addresses", {}, "addresses_one_default_per_type"),
    ("inventory_items", {}, "inventory_items_one_without_variant"),
    ("warehouses", {}, "warehouses_one_default"),
    ("inventory_levels", {}, "inventory_levels_company_id_inventory_id_warehouse_id_key"),
    ("backorders", {"order_id": "ORDER"}, "backorders_one_waiting_per_order_and_item"),
    ("reservations", {"order_id": "ORDER"}, "reservations_one_active_per_order_and_level"),
    ("carts", {"user_id": "USER", "session_id": "null"}, "carts_company_id_user_id_key"),
    ("payments", {"status": "'AUTHORIZED'"}, "payments_one_open"),
    ("payments", {"status": "'REQUIRES_ACTION'"}, "payments_one_open"),
    ("cart_items", {}, "cart_items_one_line_per_sku"),
    ("reviews", {}, "reviews_company_id_product_id_user_id_key"),
]


async def insert(connection: Any, company: UUID, table: str, made: dict[str, UUID], **changes: str) -> UUID:
    """A good row of the table with these expressions changed, after the rows that it refers to."""
    columns = COLUMNS[table] | changes
    for name, value in columns.items():
        if value in PLACES:
            place = PLACES[value]
            made[place] = made.get(place) or await insert(connection, company, place, made)
            columns[name] = f"'{made[place]}'"
    referred = REFERRED.get(table)
    if referred and referred not in made:
        made[referred] = await insert(connection, company, referred, made)
    row = new_id()
    names, values = ", ".join(columns), ", ".join(columns.values())
    await connection.execute(
        f"insert into {table} ({names}) select {values} from (select $1::uuid, $2::uuid) as given",  # noqa: S608 - ours
        row,
        company,
    )
    return row


@pytest.fixture
async def connection(owner: Any) -> Any:
    async with owner.acquire() as made:
        transaction = made.transaction()
        await transaction.start()
        yield made
        await transaction.rollback()


@pytest.mark.parametrize("table", COLUMNS)
async def test_a_valid_row_is_accepted(connection: Any, company: UUID, table: str) -> None:
    made: dict[str, UUID] = {}
    row = await insert(connection, company, table, made)
    column, key = ("id", row) if "id" in COLUMNS[table] else ("company_id", company)
    assert await connection.execute(f"delete from {table} where {column} = $1", key) == "DELETE 1"  # noqa: S608 - ours


@pytest.mark.parametrize(("table", "changes", "constraint"), BROKEN)
async def test_a_row_that_violates_a_check_is_refused(
    connection: Any, company: UUID, table: str, changes: dict[str, str], constraint: str
) -> None:
    with pytest.raises(asyncpg.CheckViolationError) as refused:
        await insert(connection, company, table, {}, **changes)
    assert refused.value.constraint_name == constraint


@pytest.mark.parametrize(("table", "changes", "constraint"), TWICE)
async def test_a_duplicate_row_is_refused(
    connection: Any, company: UUID, table: str, changes: dict[str, str], constraint: str
) -> None:
    made: dict[str, UUID] = {}
    if table != "roles":  # the system's own are there already
        await insert(connection, company, table, made, **changes)
    with pytest.raises(asyncpg.UniqueViolationError) as refused:
        await insert(connection, company, table, made, **changes)
    assert refused.value.constraint_name == constraint


async def test_a_role_cannot_have_permissions_of_another_company(
    connection: Any, company: UUID, other_company: UUID
) -> None:
    role = await insert(connection, company, "roles", {})
    with pytest.raises(asyncpg.ForeignKeyViolationError):
        await connection.execute(
            "insert into role_permissions (role_id, permission_id, company_id) select $1, id, $2 from permissions",
            role,
            other_company,
        )
