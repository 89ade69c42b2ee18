"""The root fields and nodes of the payment domain."""

from typing import Final

from gateway.graphql.payment.accounts.mutations import PaymentAccountMutation
from gateway.graphql.payment.accounts.queries import PaymentAccountQuery
from gateway.graphql.payment.audit.queries import PaymentAuditQuery
from gateway.graphql.payment.listing.queries import PaymentListQuery
from gateway.graphql.payment.nodes import NODES
from gateway.graphql.payment.queries import PaymentQuery

__all__ = ["MUTATIONS", "NODES", "QUERIES"]

QUERIES: Final = (PaymentQuery, PaymentAccountQuery, PaymentListQuery, PaymentAuditQuery)
MUTATIONS: Final = (PaymentAccountMutation,)
