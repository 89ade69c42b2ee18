"""The edited orders of the demo: one whose difference was refunded, and one of which a part is left to pay."""

from typing import Final

from domains.order.editing.models import LineChange, NewEdit
from domains.order.editing.new_lines import NewOrderLine
from gateway.demo.shop import CUSTOMER, DemoShop

CHEAPER: Final = {"HARBOUR-MUG-400-ML-SOOT": 4, "TERRACOTTA-POT-18-CM": 2}
DROPPED: Final = "HARBOUR-MUG-400-ML-SOOT"
KEPT: Final = 2  # units of the line that staff shorten
ADDED: Final = "GARDEN-TWINE-100-M"
DEARER: Final = {"FIELD-NOTEBOOK-RULED": 2}
RAISED: Final = "BRASS-BALLPOINT"


async def add_edits(shop: DemoShop) -> None:
    """Let staff edit a paid order to cost less, which is refunded, and another to cost more."""
    sale = await shop.sell(3, CUSTOMER, CHEAPER)
    changes = [LineChange(sale.lines[DROPPED].id, KEPT)]
    edit = NewEdit(changes=changes, add_lines=[await _line(shop, ADDED)], reason="The customer called: fewer mugs")
    with shop.ago(2.9):
        await shop.services.order.edits.edit(shop.db, shop.staff, sale.order_id, edit)
    await shop.process(2.5, sale)

    sale = await shop.sell(1.5, CUSTOMER, DEARER)
    edit = NewEdit(add_lines=[await _line(shop, RAISED)], reason="The customer called: a pen as well")
    with shop.ago(1.4):
        await shop.services.order.edits.edit(shop.db, shop.staff, sale.order_id, edit)


async def _line(shop: DemoShop, sku: str) -> NewOrderLine:
    """A unit of a SKU at its present price."""
    reader = shop.db.reader(shop.staff.company_id)
    (item,) = await shop.services.inventory.listing.items_by_sku(reader, [sku])
    return NewOrderLine(product_id=item.product_id, variant_id=item.variant_id, quantity=1)
