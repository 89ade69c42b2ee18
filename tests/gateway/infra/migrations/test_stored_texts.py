"""Every text column is declared as written by users, or listed here with the reason why not."""

import re
from itertools import chain
from typing import Any, Final

from domains.account.invariants import TEXTS as ACCOUNT
from domains.auth.invariants import TEXTS as AUTH
from domains.cart.invariants import TEXTS as CART
from domains.catalog.invariants import TEXTS as CATALOG
from domains.company.invariants import TEXTS as COMPANY
from domains.inventory.invariants import TEXTS as INVENTORY
from domains.ledger.invariants import TEXTS as LEDGER
from domains.order.invariants import TEXTS as ORDER
from domains.payment.invariants import TEXTS as PAYMENT
from domains.promotion.invariants import TEXTS as PROMOTION
from domains.review.invariants import TEXTS as REVIEW
from domains.role.invariants import TEXTS as ROLE
from domains.shipping.invariants import TEXTS as SHIPPING
from domains.tax.invariants import TEXTS as TAX
from gateway.infra.migrations import FOLDER

TEXTS: Final = (
    *COMPANY,
    *ROLE,
    *AUTH,
    *CATALOG,
    *ACCOUNT,
    *REVIEW,
    *INVENTORY,
    *PROMOTION,
    *PAYMENT,
    *CART,
    *ORDER,
    *LEDGER,
    *SHIPPING,
    *TAX,
)
MIGRATION: Final = (FOLDER / "20261128001002_normal_texts" / "migration.sql").read_text()
COLUMNS: Final = """
select c.table_name || '.' || c.column_name from information_schema.columns c
join information_schema.tables t using (table_schema, table_name)
where c.table_schema = 'public' and t.table_type = 'BASE TABLE' and c.table_name <> '_prisma_migrations'
  and (c.data_type in ('text', 'character', 'character varying', 'jsonb', 'json')
       or c.udt_name in ('_text', '_varchar', '_bpchar'))
"""
GENERATED_TEXTS: Final = {
    "made by the program": {
        "users.search_text",
        "memberships.invited_search_text",
        "product_documents.document",
        "product_search.name_key",
        "product_search.tokens",
        "product_search.labels",
        "search_terms.term",
        "search_terms.trigrams",
        "facet_counts.token",
        "facet_counts.label",
        "order_search.terms",
        "promotion_uses.mailbox",
        "coupon_usages.mailbox",
        "promotion_rules.conditions",
        "promotion_rules.actions",
        "buyer_orders.mailbox",
        "orders.order_number",
        "orders.placed_from",
        *("stock_transfers.number", "stock_takes.number", "purchase_orders.number"),
        "payment_audit_logs.details",
        "user_sessions.ip_address",
        "user_sessions.end_reason",
        "outbox_events.topic",
        "outbox_events.payload",
        "outbox_events.actor_kind",
        "outbox_events.traceparent",
        "outbox_events.last_error",
        "inbox_entries.handler",
        "queued_mails.key_id",
        "job_runs.name",
        "ledger_entries.kind",
        "ledger_entries.source_kind",
        "job_runs.error",
        "payment_webhooks.error",
        "idempotency_keys.actor_key",
        "idempotency_keys.operation",
        "idempotency_keys.outcome",
        "permissions.description",
    },
    "digests and encrypted texts": {
        "users.password_hash",
        "user_sessions.refresh_token",
        "spent_refresh_tokens.token_hash",
        "verification_codes.code",
        "registrations.ticket_hash",
        "registrations.password_hash",
        "registrations.code",
        "password_reset_tokens.token_hash",
        "carts.session_id",
        "carts.shipping_rate_digest",
        "cart_email_codes.code",
        "orders.guest_token_hash",
        "idempotency_keys.request_hash",
        "promotion_uses.address_key",
        "payments.card_fingerprint",
        "gift_cards.code_hash",
        "carriers.encrypted_secrets",
        "payment_accounts.encrypted_secrets",
        "payment_methods.encrypted_token",
        "payment_methods.token_digest",
        "settlement_reports.digest",
    },
    "of a form that a constraint or a parser holds": {
        "carriers.code",
        "carriers.adapter",
        "carriers.configuration",
        "shipping_labels.currency",
        "mock_parcels.currency",
        "companies.currency",
        "ledger_accounts.code",
        "ledger_balances.account",
        "ledger_balances.currency",
        "ledger_entries.currency",
        "ledger_lines.account",
        "ledger_lines.country",
        "ledger_lines.currency",
        "order_settings.order_number_pattern",
        "companies.time_zone",
        "products.currency",
        "promotions.currency",
        "promotion_uses.currency",
        "coupons.currency",
        "coupon_usages.currency",
        "payments.currency",
        "gift_cards.currency",
        "gift_cards.last_characters",
        "gift_cards.recipient_email",
        "store_credits.currency",
        "payment_settings.gift_card_country",
        "refunds.currency",
        "refund_lines.currency",
        "payment_transactions.currency",
        "payment_audit_logs.currency",
        "mock_charges.currency",
        "carts.currency",
        "carts.quoted_currency",
        "carts.destination_country",
        "carts.vat_number",
        "cart_items.currency",
        "orders.currency",
        "order_items.currency",
        "order_promotions.currency",
        "order_adjustments.currency",
        "customer_segments.conditions",
        "order_taxes.currency",
        "orders.vat_number",
        "orders.shipping_carrier",
        "orders.shipping_service_type",
        "orders.tax_country",
        "ledger_daily_sums.account",
        "ledger_daily_sums.country",
        "ledger_daily_sums.currency",
        "settlement_reports.currency",
        "settlement_lines.currency",
        "settlement_differences.currency_here",
        "settlement_differences.currency_reported",
        "addresses.country",
        "tax_rates.country",
        "tax_rates.postal_prefix",
        "tax_classes.code",
        "tax_settings.tax_country",
        "tax_settings.tax_postal_code",
        "tax_settings.vat_number",
        "tax_settings.reverse_charge_countries",
        *("warehouses.country", "warehouses.countries", "backorders.country"),
        *("purchase_orders.currency", "purchase_order_lines.currency"),
        "shipping_zones.countries",
        "shipping_zones.postal_codes",
        "shipping_methods.carrier",
        "shipping_methods.currency",
        "order_addresses.country",
        "payments.card_last_4",
        "payment_methods.last_4",
    },
    "a provider's words": {
        *("shipping_labels.tracking_number", "shipping_labels.failure_reason"),
        *("mock_parcels.tracking_number", "mock_parcels.service", "mock_parcels.distance"),
        "orders.payment_method",
        "orders.payment_transaction_id",
        "payments.provider",
        "payments.method",
        "payments.provider_transaction_id",
        "payments.next_action_url",
        "payment_settings.payment_provider",
        "payments.failure_code",
        "payments.failure_message",
        "refunds.provider_refund_id",
        "payment_accounts.provider",
        "payment_methods.provider",
        "payment_methods.provider_customer_id",
        "payment_accounts.settings",
        "payment_event_cursors.provider",
        "payment_transactions.provider",
        "payment_transactions.provider_transaction_id",
        "payment_audit_logs.provider",
        "payment_audit_logs.error",
        "settlement_reports.account_id",
        "settlement_reports.provider",
        "settlement_lines.category",
        "settlement_lines.external_id",
        "settlement_lines.payment_reference",
        "settlement_lines.provider",
        "settlement_lines.reference",
        "settlement_differences.provider",
        "settlement_differences.reference",
        "payment_webhooks.event_type",
        "payment_webhooks.provider",
        "payment_webhooks.provider_event_id",
        "payment_webhooks.provider_ids",
        "refunds.failure_code",
        "refunds.failure_message",
        "mock_charges.transaction_id",
        "mock_charges.status",
        "mock_charges.code",
        "mock_methods.token",
        "mock_refunds.transaction_id",
        "mock_refunds.status",
    },
    "forgotten within minutes or months": {
        "registrations.email",
        "registrations.first_name",
        "registrations.last_name",
        "registrations.phone",
        "verification_codes.target",
        "cart_email_codes.email",
        "idempotency_keys.key",
        "activity_logs.resource",
        "activity_logs.metadata",
        "activity_logs.ip_address",
        "activity_logs.user_agent",
        "user_sessions.user_agent",
    },
    "what was sold, never changed": {"order_items.product_snapshot"},
    "JSON with texts that are normalised when they are written": {
        "shipping_labels.origin",
        "products.image_alt_texts",
        "product_variants.image_alt_texts",
        "shipping_methods.configuration",
    },
}
LEFT_BY_THE_MIGRATION: Final = {
    # Addresses have been in NFC since the first version, which let the same library check them.
    *("users.email", "users.pending_email", "memberships.invited_email", "carts.confirmed_email"),
    *("orders.email", "promotion_uses.email", "buyer_orders.email"),
    # Columns that came after it.
    *("addresses.company_name", "order_addresses.company_name", "categories.image_alt_text"),
    *("payment_methods.brand", "payment_methods.label", "payment_methods.alias"),
    *("ledger_accounts.name", "ledger_entries.reason"),
    *("gift_cards.disabled_reason", "gift_cards.note"),
    "settlement_differences.reason",
    *("order_adjustments.code", "order_adjustments.name", "order_adjustments.description"),
    *("customer_segments.name", "customer_segments.description"),
    *("tax_classes.name", "tax_rates.name", "tax_rates.province", "tax_settings.tax_province"),
    *("carts.destination_province", "carts.destination_postal_code", "order_taxes.name"),
    "orders.shipping_method",
    *("shipping_zones.name", "shipping_zones.states", "shipping_profiles.name"),
    *("shipping_methods.name", "shipping_methods.description"),
    *("carriers.name", "shipping_labels.service"),
    *("coupons.name", "coupons.description", "coupons.code", "coupon_codes.code", "coupon_usages.email"),
    *("warehouses.code", "warehouses.name", "warehouses.address_line_1", "warehouses.address_line_2"),
    *("warehouses.city", "warehouses.province", "warehouses.postal_code"),
    *("stock_transfers.reference", "stock_transfers.note", "stock_transfer_lines.lost_reason", "stock_takes.note"),
    *("purchase_orders.supplier_name", "purchase_orders.supplier_contact", "purchase_orders.supplier_reference"),
    "purchase_orders.note",
    # ASCII by their constraints.
    *("companies.slug", "roles.code"),
}
# Columns that a later migration moved, with what the migration had normalized, to another table.
MOVED_LATER: Final = {"inventory_items.location": "inventory_levels.location"}


def declared() -> set[str]:
    return {f"{texts.table}.{column}" for texts in TEXTS for column in texts.columns}


async def test_every_text_column_is_declared_or_has_a_reason(owner: Any) -> None:
    columns = {row[0] for row in await owner.fetch(COLUMNS)}
    excepted = set(chain.from_iterable(GENERATED_TEXTS.values()))
    assert sorted(columns - declared() - excepted) == []
    assert sorted((declared() | excepted) - columns) == []
    assert sorted(declared() & excepted) == []


def test_declared_columns_are_those_the_migration_normalizes() -> None:
    listed = set(re.findall(r"\('(\w+\.\w+)', '(?:text|key)'", MIGRATION))
    unique = {f"{table}.{column}" for table, column in re.findall(r"\('(\w+)', '(\w+)', '(?:text|key)'\)", MIGRATION)}
    updated = {
        f"{table}.{column}" for table, column in re.findall(r"update (\w+) set (\w+) = (?:one|normal)", MIGRATION)
    }
    urls = {f"{texts.table}.{name.partition('[]')[0]}" for texts in TEXTS for name in texts.urls}
    normalized = {MOVED_LATER.get(column, column) for column in listed | unique | updated}
    assert normalized == declared() - urls - LEFT_BY_THE_MIGRATION
