"""Levels of stock, for the domains above to read beside what they join."""


def available_of(sku: str) -> str:
    """SQL of how many units of a SKU can be sold; $1 is the company."""
    stock = f"select n.available_stock from inventory_items n where n.company_id = $1 and n.sku = {sku}"  # noqa: S608 - a column's name, given by code
    return f"coalesce(({stock}), 0)"
