"""Invariants of webhooks over whole tables, for `commerce doctor`."""

from typing import Final

from domains.kernel.text.stored_texts import TextColumns, normalized_texts

TEXTS: Final = (TextColumns(table="webhook_endpoints", texts=("description",)),)
ROW_INVARIANTS: Final = (normalized_texts("webhooks", TEXTS),)
