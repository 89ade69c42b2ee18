"""SQL fragments over the inventory's tables that other domains join into their statements."""

from typing import Final

SELLABLE_UNITS: Final = """
    (select company_id, product_id, variant_id, available_stock + backorder_limit - backordered_units as available
     from inventory_items)
"""
"""The units of each stocked SKU that can be bought, with its product, and its variant where it has one."""
