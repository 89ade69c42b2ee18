"""The root fields and nodes of the payment domain."""

from typing import Final

from gateway.graphql.payment.accounts.mutations import PaymentAccountMutation
from gateway.graphql.payment.accounts.queries import PaymentAccountQuery
from gateway.graphql.payment.attempts.mutations import PaymentAttemptMutation
from gateway.graphql.payment.attempts.queries import PaymentAttemptQuery
from gateway.graphql.payment.audit.queries import PaymentAuditQuery
from gateway.graphql.payment.captures.mutations import CaptureMutation
from gateway.graphql.payment.gift_cards.mutations import GiftCardMutation
from gateway.graphql.payment.gift_cards.queries import GiftCardQuery
from gateway.graphql.payment.listing.queries import PaymentListQuery
from gateway.graphql.payment.methods.mutations import SavedMethodMutation
from gateway.graphql.payment.methods.nodes import SAVED_METHOD
from gateway.graphql.payment.nodes import NODES as PAYMENT_NODES
from gateway.graphql.payment.queries import PaymentQuery
from gateway.graphql.payment.settlements.mutations import SettlementMutation
from gateway.graphql.payment.settlements.nodes import NODES as SETTLEMENT_NODES
from gateway.graphql.payment.settlements.queries import SettlementQuery
from gateway.graphql.payment.store_credit.mutations import StoreCreditMutation
from gateway.graphql.payment.store_credit.nodes import STORE_CREDIT
from gateway.graphql.payment.subscriptions import PaymentAlertSubscription
from gateway.graphql.payment.webhooks.mutations import WebhookMutation
from gateway.graphql.payment.webhooks.nodes import NODES as WEBHOOK_NODES
from gateway.graphql.payment.webhooks.queries import WebhookQuery

QUERIES: Final = (
    PaymentQuery,
    PaymentAccountQuery,
    PaymentAttemptQuery,
    PaymentListQuery,
    PaymentAuditQuery,
    WebhookQuery,
    GiftCardQuery,
    SettlementQuery,
)
MUTATIONS: Final = (
    PaymentAccountMutation,
    PaymentAttemptMutation,
    SavedMethodMutation,
    WebhookMutation,
    CaptureMutation,
    GiftCardMutation,
    StoreCreditMutation,
    SettlementMutation,
)
NODES: Final = (*PAYMENT_NODES, SAVED_METHOD, STORE_CREDIT, *WEBHOOK_NODES, *SETTLEMENT_NODES)
SUBSCRIPTIONS: Final = (PaymentAlertSubscription,)
