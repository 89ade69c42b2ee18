"""The stories of the demo: parcels, edits, returns, announcements, and the documents of the shop."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from domains.kernel.actor import Actor
from domains.kernel.database import Tx
from gateway.demo.announcements import add_announcements
from gateway.demo.edits import add_edits
from gateway.demo.parcels import add_parcels
from gateway.demo.returns import add_returns
from gateway.demo.shop import DemoShop

INVOICED: Final = timedelta(days=12)
SELLER: Final[dict[str, Any]] = {
    "legal_name": "Lantern Harbour Trading Ltd",
    "address_line_1": "1 Bottle Kiln Yard",
    "postal_code": "ST1 5HR",
    "city": "Stoke-on-Trent",
    "country": "GB",
    "registration": "Registered in England and Wales, no. 01234567",
    "email": "accounts@example.com",
    "bank_details": "IBAN GB33 BUKB 2020 1555 5555 55\nBIC BUKBGB22",
    "footer": "Thank you for your order.",
}


async def add_stories(shop: DemoShop, warehouses: Mapping[str, UUID]) -> None:
    """Add the stories, then the invoices and credit notes of the orders of the last days."""
    settings, company = shop.services.order.invoices.settings, shop.services.company

    async def name_seller(tx: Tx) -> None:
        changes = {**SELLER, "invoices_from": tx.clock.now() - INVOICED}
        await settings.update(tx, changes, (await company.current(tx)).currency)

    await shop.staff_run(name_seller)
    await add_parcels(shop, warehouses)
    await add_edits(shop)
    await add_returns(shop)
    await add_announcements(shop)
    await shop.services.order.invoices.issue_due(shop.db, Actor.system(shop.staff.company_id))
