"""Saved payment methods as their customers see them, and what may be changed. None has a token."""

from dataclasses import dataclass
from datetime import datetime
from typing import TypedDict
from uuid import UUID

from domains.payment.data import SavedMethodType, SavedPaymentMethodRow
from domains.payment.providers.requests import MethodToken
from domains.payment.providers.results import NextAction


@dataclass(frozen=True, slots=True)
class SavedMethod:
    """A payment method of a customer. A card that `is_expired` stays in the list and pays nothing."""

    id: UUID
    user_id: UUID
    provider: str
    type: SavedMethodType
    brand: str | None
    last_4: str | None
    expiry_month: int | None
    expiry_year: int | None
    label: str | None
    alias: str | None
    is_default: bool
    is_expired: bool
    created_at: datetime
    updated_at: datetime


class SavedMethodChanges(TypedDict, total=False):
    """Changes to a saved payment method. Absent fields do not change; `is_default=False` does nothing."""

    alias: str | None
    is_default: bool | None


@dataclass(frozen=True, slots=True)
class ChosenMethod:
    """A saved payment method to pay with, at its provider."""

    method: SavedMethod
    instrument: MethodToken


@dataclass(frozen=True, slots=True)
class BegunSetup:
    """A payment method that a customer begins to save. `id` is for this customer alone, and ends after an hour.

    `next_action` is what they must do; None when the method can be saved at once.
    """

    id: str
    provider: str
    next_action: NextAction | None


@dataclass(frozen=True, slots=True)
class FinishedSetup:
    """A setup with the saved method, or with what its customer must still do; neither while the provider works."""

    method: SavedMethod | None = None
    next_action: NextAction | None = None


def saved_method(row: SavedPaymentMethodRow, now: datetime) -> SavedMethod:
    """The method of a row, without its token."""
    return SavedMethod(
        row.id,
        row.user_id,
        row.provider,
        row.type,
        row.brand,
        row.last_4,
        row.expiry_month,
        row.expiry_year,
        row.label,
        row.alias,
        row.is_default,
        _is_expired(row, now),
        row.created_at,
        row.updated_at,
    )


def _is_expired(row: SavedPaymentMethodRow, now: datetime) -> bool:
    """Whether the month of expiry is over. An account does not expire."""
    if row.expiry_year is None or row.expiry_month is None:
        return False
    return (row.expiry_year, row.expiry_month) < (now.year, now.month)
