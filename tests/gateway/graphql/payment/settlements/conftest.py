"""A shop with the servers in place of Stripe and PayPal."""

from tests.gateway.graphql.payment.purchases.conftest import adapters, checkout, clock, make_checkout
from tests.gateway.providers.paypal.conftest import paypal, paypal_server, session_clock, signer
from tests.gateway.providers.stripe.conftest import server as stripe
from tests.gateway.providers.stripe.conftest import shared_server

__all__ = [
    "adapters",
    "checkout",
    "clock",
    "make_checkout",
    "paypal",
    "paypal_server",
    "session_clock",
    "shared_server",
    "signer",
    "stripe",
]
