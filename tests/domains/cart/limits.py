"""What a cart may hold in a company that has set nothing else: the defaults of the table."""

from domains.cart.models import CartLimits

MOST_UNITS = 999
MAX_LINES = 100
LIMITS = CartLimits(MOST_UNITS, MAX_LINES)
