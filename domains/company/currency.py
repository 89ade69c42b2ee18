"""The currency of a company, locked while amounts are written; exported for the statements of other domains."""

from typing import Final

LOCKED_CURRENCY: Final = "select currency from companies where id = $1 for key share"
"""The currency of company $1. It cannot change until the transaction ends."""
