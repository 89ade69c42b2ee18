"""The rate limit on guesses of gift card codes (OWASP OAT-001, OAT-002)."""

from datetime import timedelta
from typing import Final

from domains.kernel.quotas import Quota

WRONG_GIFT_CARD_CODES: Final = Quota("wrong gift card codes", 20, timedelta(minutes=10))
"""Counts unknown codes by network address: pass GiftCardCodeUnknown to `count_failures`."""
