"""The starter rates: standard rates by country and state, to be checked by the company before they are used."""

from pathlib import Path
from typing import Final

FILE: Final = Path(__file__).parent / "standard_rates.csv"
COLUMNS: Final = (
    "class",
    "tax",
    "country",
    "province",
    "postal_prefix",
    "rate",
    "valid_from",
    "valid_until",
    "source",
)
