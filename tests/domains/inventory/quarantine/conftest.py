"""Two warehouses, of which the default one has 10 units of A and 5 of B."""

from tests.domains.inventory.warehouse_stock import all_invariants_hold, levels, places, race

__all__ = ["all_invariants_hold", "levels", "places", "race"]
