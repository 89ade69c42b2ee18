"""A company, and the changes that can be made to its settings."""

from typing import TypedDict

from domains.company.data import CompanyRow as Company

__all__ = ["Company", "SettingsChanges"]


class SettingsChanges(TypedDict, total=False):
    """The settings to change; what is absent stays.

    The settings of taxes, shipping, carts, orders and the catalog belong to those domains.
    """

    name: str | None
    currency: str | None
    time_zone: str | None
