"""The SQL of available stock, for the lists of higher domains."""


def available_stock_of(sku: str) -> str:
    """SQL of the available units of a SKU, where `sku` is the SQL of the SKU and $1 the company."""
    stock = f"select n.available_stock from inventory_items n where n.company_id = $1 and n.sku = {sku}"  # noqa: S608 - a column's name from the code
    return f"coalesce(({stock}), 0)"
