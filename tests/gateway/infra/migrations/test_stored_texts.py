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
from domains.notification.invariants import TEXTS as NOTIFICATION
from domains.order.invariants import TEXTS as ORDER
from domains.payment.invariants import TEXTS as PAYMENT
from domains.promotion.invariants import TEXTS as PROMOTION
from domains.returns.invariants import TEXTS as RETURNS
from domains.review.invariants import TEXTS as REVIEW
from domains.role.invariants import TEXTS as ROLE
from domains.shipping.invariants import TEXTS as SHIPPING
from domains.tax.invariants import TEXTS as TAX
from domains.webhook.invariants import TEXTS as WEBHOOK
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
    *NOTIFICATION,
    *WEBHOOK,
    *RETURNS,
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
        "product_stock_alerts.mailbox",
        "orders.order_number",
        *("return_requests.rma_number", "return_authorizations.rma_number", "return_requests.metadata"),
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
        *("queued_notifications.key_id", "queued_notifications.traceparent", "notifications.dedupe_key"),
        *("webhook_deliveries.topic", "webhook_deliveries.payload", "webhook_deliveries.error"),
        *("webhook_attempts.error", "webhook_positions.snapshot"),
        *("notifications.subject", "notifications.body", "notifications.metadata", "notifications.failure_reason"),
        "notifications.url",
        *("email_templates.subject", "email_templates.title", "email_templates.short", "email_templates.language"),
        *("email_templates.body_mjml", "email_templates.body_html", "email_templates.body_text"),
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
        "notifications.content",
        "webhook_endpoints.encrypted_secrets",
        "product_alert_codes.code",
        *("push_devices.digest", "push_devices.encrypted_address"),
    },
    "of a form that a constraint or a parser holds": {
        "carriers.code",
        "carriers.adapter",
        "carriers.configuration",
        *("shipping_labels.currency", "shipments.currency", "orders.language"),
        "mock_parcels.currency",
        "companies.currency",
        *("product_alert_codes.currency", "product_stock_alerts.currency"),
        "ledger_accounts.code",
        "ledger_balances.account",
        "ledger_balances.currency",
        "ledger_entries.currency",
        "ledger_lines.account",
        "ledger_lines.country",
        "ledger_lines.currency",
        "order_settings.order_number_pattern",
        *("document_settings.country", "document_settings.document_language", "document_settings.invoice_pattern"),
        *("document_settings.credit_note_pattern", "invoices.currency", "invoices.language", "invoices.number"),
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
        *("order_edits.currency", "order_edits.changes"),
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
        *("return_requests.currency", "return_items.currency", "return_refunds.currency"),
        "return_requests.exchange_wishes",
        "payments.card_last_4",
        "payment_methods.last_4",
        *("webhook_endpoints.url", "webhook_endpoints.topics", "webhook_endpoints.api_version"),
        *("notifications.recipient", "notifications.language", "notification_suppressions.address"),
        *("announcements.texts", "announcements.language", "announcements.url"),
        *("product_stock_alerts.email", "product_stock_alerts.language"),
        *("product_alert_codes.email", "product_alert_codes.language"),
        *(
            *("notification_profiles.language", "notification_profiles.time_zone"),
            "notification_settings.default_language",
            "notification_settings.reply_to",
            "notification_settings.logo_url",
        ),
        *("notification_settings.brand_color", "notification_settings.storefront_url"),
        "notification_settings.staff_emails",
    },
    "a provider's words": {
        *("shipping_labels.tracking_number", "shipping_labels.failure_reason"),
        *("shipments.tracking_number", "shipments.tracking_url"),
        *("mock_parcels.tracking_number", "mock_parcels.service", "mock_parcels.distance"),
        *("webhook_deliveries.response", "webhook_attempts.response"),
        *("notification_logs.provider", "notification_logs.provider_message_id", "notification_logs.error"),
        "notification_logs.provider_response",
        "return_tracking.carrier_data",
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
        *("user_sessions.user_agent", "push_devices.user_agent"),
    },
    "what was sold, never changed": {"order_items.product_snapshot", "invoices.document"},
    "JSON with texts that are normalised when they are written": {
        *("shipping_labels.origin", "shipments.origin", "return_authorizations.return_address"),
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
    *("settlement_differences.reason", "push_devices.name"),
    "order_edits.reason",
    *("order_adjustments.code", "order_adjustments.name", "order_adjustments.description"),
    *("order_notes.note", "orders.hold_reason"),
    *("customer_segments.name", "customer_segments.description"),
    *("tax_classes.name", "tax_rates.name", "tax_rates.province", "tax_settings.tax_province"),
    *("carts.destination_province", "carts.destination_postal_code", "order_taxes.name"),
    "orders.shipping_method",
    *("shipping_zones.name", "shipping_zones.states", "shipping_profiles.name"),
    *("shipping_methods.name", "shipping_methods.description"),
    *("carriers.name", "shipping_labels.service"),
    *("shipments.carrier_name", "shipments.method_name", "shipment_lines.sku", "orders.hold_reason"),
    *("shipment_tracking.location", "shipment_tracking.description"),
    *("document_settings.legal_name", "document_settings.address_line_1", "document_settings.address_line_2"),
    *("document_settings.postal_code", "document_settings.city", "document_settings.province"),
    *("document_settings.registration", "document_settings.email", "document_settings.phone"),
    *("document_settings.bank_details", "document_settings.footer"),
    *("coupons.name", "coupons.description", "coupons.code", "coupon_codes.code", "coupon_usages.email"),
    *("warehouses.code", "warehouses.name", "warehouses.address_line_1", "warehouses.address_line_2"),
    *("warehouses.city", "warehouses.province", "warehouses.postal_code"),
    *("stock_transfers.reference", "stock_transfers.note", "stock_transfer_lines.lost_reason", "stock_takes.note"),
    *("purchase_orders.supplier_name", "purchase_orders.supplier_contact", "purchase_orders.supplier_reference"),
    "purchase_orders.note",
    *("return_requests.return_notes", "return_requests.rejection_reason", "return_status_history.notes"),
    *("return_items.product_name", "return_items.variant_name", "return_items.product_sku"),
    *("return_authorizations.return_instructions", "return_authorizations.carrier_name"),
    *("return_authorizations.tracking_number", "return_settings.return_instructions", "return_refunds.reason"),
    *("return_tracking.location", "return_tracking.description"),
    *("notification_settings.sender_name", "notification_settings.footer"),
    "webhook_endpoints.description",
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
