"""Models of store credit."""

from domains.payment.data import StoreCreditRow as StoreCredit

__all__ = ["StoreCredit"]
