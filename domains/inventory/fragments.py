"""SQL fragments over the inventory's tables that other domains join into their statements."""

from typing import Final

AVAILABLE_UNITS: Final = (
    "(select company_id, product_id, variant_id, available_stock as available from inventory_items)"
)
"""The available units of each stocked SKU with its product, and its variant where it has one."""
