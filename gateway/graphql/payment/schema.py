"""The root fields of the payment domain."""

from typing import Final

from gateway.graphql.payment.queries import PaymentQuery

QUERIES: Final = (PaymentQuery,)
MUTATIONS: Final = ()
