"""The promotion domain's tables whose rows are found by their id alone."""

from typing import Final

from domains.kernel.nodes import NodeTable

PROMOTIONS: Final = NodeTable("promotions")
