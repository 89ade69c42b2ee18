"""The declaration of the payment domain."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from domains.company.service import CompanyService
from domains.kernel.domain import Dependencies, Domain, Job, Scope, events_in
from domains.kernel.events import EventQueue
from domains.kernel.nodes import NodeTable
from domains.kernel.prisma.privileges import APPEND_ONLY, NEVER_DELETED
from domains.ledger.service import LedgerService
from domains.payment import events, invariants, personal_data
from domains.payment.gift_cards import events as gift_card_events
from domains.payment.providers.registry import Providers
from domains.payment.service import PaymentService
from domains.payment.settlements.invariants import INVARIANTS as SETTLEMENT_INVARIANTS
from domains.payment.store_credit import events as store_credit_events

PAYMENTS: Final = NodeTable("payments", owner="order_id")
REFUNDS: Final = NodeTable("refunds", owner="order_id")
SAVED_METHODS: Final = NodeTable("payment_methods", owner="user_id")
TRANSACTIONS: Final = NodeTable("payment_transactions")
GIFT_CARDS: Final = NodeTable("gift_cards")
STORE_CREDITS: Final = NodeTable("store_credits", owner="user_id")
AUDIT_LOGS: Final = NodeTable("payment_audit_logs")
PAYMENT_WEBHOOKS: Final = NodeTable("payment_webhooks")
SETTLEMENT_REPORTS: Final = NodeTable("settlement_reports")
SETTLEMENT_LINES: Final = NodeTable("settlement_lines")
SETTLEMENT_DIFFERENCES: Final = NodeTable("settlement_differences")


def build(dependencies: Dependencies) -> PaymentService:
    """Payments by the providers that are installed."""
    providers, ledger = dependencies.get(Providers), dependencies.get(LedgerService)
    company = dependencies.get(CompanyService)
    encryption = dependencies.encryption
    return PaymentService(providers, dependencies.settings, company, ledger, encryption, dependencies.clock)


def jobs(payment: PaymentService) -> Sequence[Job]:
    """Forgets removed methods, lists missed events, reconciles reports, deletes old webhooks, expires gift cards."""
    forget, compare = payment.forgotten_methods.forget_due, payment.settlements.reconciliation.reconcile_open
    return (
        Job("forget payment methods", timedelta(seconds=30), forget, Scope.COMPANY_WORKFLOW),
        Job("list payment events", timedelta(minutes=15), payment.event_listing.run, Scope.COMPANY_WORKFLOW),
        Job("reconcile settlement reports", timedelta(minutes=15), compare, Scope.COMPANY_WORKFLOW),
        Job("delete old payment webhooks", timedelta(hours=1), payment.webhooks.delete_old),
        Job("expire gift cards", timedelta(minutes=15), payment.gift_card_expiry.sweep),
    )


DOMAIN: Final = Domain(
    name="payment",
    build=build,
    queue=EventQueue.PAYMENT,
    invariants=(*invariants.INVARIANTS, *SETTLEMENT_INVARIANTS, *invariants.ROW_INVARIANTS),
    jobs=jobs,
    events=(*events_in(events), *events_in(gift_card_events), *events_in(store_credit_events)),
    money_tables=(
        "payments",
        "refunds",
        "refund_lines",
        "payment_transactions",
        "payment_audit_logs",
        "gift_cards",
        "store_credits",
        "settlement_reports",
        "settlement_lines",
    ),
    privileges={
        "gift_cards": NEVER_DELETED,
        "payment_accounts": NEVER_DELETED,
        "payment_audit_logs": APPEND_ONLY,
        "payment_transactions": APPEND_ONLY,
        "payment_event_cursors": NEVER_DELETED,
        "refund_lines": APPEND_ONLY,
        "store_credits": NEVER_DELETED,
        "settlement_reports": NEVER_DELETED,
        "settlement_lines": NEVER_DELETED,
        "settlement_differences": NEVER_DELETED,
    },
    export_person=personal_data.export_person,
    erase_person=personal_data.erase_person,
    merge_person=personal_data.merge_person,
)
