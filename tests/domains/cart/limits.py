"""The limits of carts in a company with default settings."""

from domains.cart.models import CartLimits

MOST_UNITS = 999
MAX_LINES = 100
LIMITS = CartLimits(MOST_UNITS, MAX_LINES)
