"""The root fields of the payment domain."""

from typing import Final

from gateway.graphql.payment.accounts.mutations import PaymentAccountMutation
from gateway.graphql.payment.accounts.queries import PaymentAccountQuery
from gateway.graphql.payment.queries import PaymentQuery

QUERIES: Final = (PaymentQuery, PaymentAccountQuery)
MUTATIONS: Final = (PaymentAccountMutation,)
