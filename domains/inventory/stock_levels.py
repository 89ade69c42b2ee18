"""The SQL of stock that can be bought, for the lists of higher domains."""


def sellable_stock_of(sku: str) -> str:
    """SQL of the units of a SKU that can be bought, those on backorder included.

    `sku` is the SQL of the SKU, and $1 the company.
    """
    units = "n.available_stock + n.backorder_limit - n.backordered_units"
    stock = f"select {units} from inventory_items n where n.company_id = $1 and n.sku = {sku}"  # noqa: S608 - columns from the code
    return f"coalesce(({stock}), 0)"
