"""How tests read products: with a memory and the inventory's stock, as a server does."""

from typing import Final

from domains.catalog.documents.reader import ReadingSettings
from domains.inventory.fragments import SELLABLE_UNITS

READING: Final = ReadingSettings(memory=64 * 1024 * 1024, stock=SELLABLE_UNITS)
