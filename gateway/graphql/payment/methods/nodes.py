"""Saved payment methods, which `node` finds."""

from typing import Final

from domains.payment.domain import SAVED_METHODS
from gateway.graphql.auth.nodes import USER
from gateway.graphql.core.nodes import PartType
from gateway.graphql.payment.methods.types import SavedPaymentMethod

SAVED_METHOD: Final = PartType(SavedPaymentMethod, SAVED_METHODS, USER, ("saved_payment_methods",))
