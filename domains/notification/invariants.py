"""Invariants of notifications over whole tables, for `commerce doctor`."""

from typing import Final

from domains.kernel.text.stored_texts import TextColumns, normalized_texts

TEXTS: Final = (
    TextColumns(table="notification_settings", texts=("sender_name", "footer"), id="company_id"),
    TextColumns(table="push_devices", texts=("name",)),
)
ROW_INVARIANTS: Final = (normalized_texts("notifications", TEXTS),)
