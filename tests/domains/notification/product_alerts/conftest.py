"""Product alerts of the test's own company, with a catalogue and stock."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, TypeVar
from uuid import UUID

import orjson
import pytest

from domains.auth.models import Origin
from domains.catalog.models import NewVariant, Product, ProductChanges
from domains.inventory.models import StockCount
from domains.kernel.actor import Actor
from domains.kernel.clock import FixedClock
from domains.kernel.database import Database, Tx
from domains.notification.product_alerts.models import NewProductAlert, ProductAlertKind, ProductStockAlert
from gateway.services import Services
from tests.domains.catalog.conftest import MakeProduct, catalog, category, make_customer, make_product
from tests.domains.notification.mailbox import Mailbox
from tests.gateway.site import services_of

__all__ = ["catalog", "category", "make_customer", "make_product"]
T = TypeVar("T")
HOME = Origin("192.0.2.7", "A browser")
DROP = ProductAlertKind.PRICE_DROP
CREATED = "select * from notifications where company_id = $1 and type = $2 order by id"


@dataclass(frozen=True, slots=True)
class Told:
    """A notification that was created."""

    kind: str
    recipient: str
    user_id: UUID | None
    variables: dict[str, Any]


@dataclass
class Alerts:
    """Operations on alerts and goods, each in its own transaction that commits."""

    services: Services
    database: Database
    mailbox: Mailbox
    actor: Actor
    owner: Any
    make_product: MakeProduct

    @property
    def parts(self) -> Any:
        return self.services.notification.product_alerts

    async def do(self, work: Callable[[Tx], Awaitable[T]], actor: Actor | None = None) -> T:
        return await self.database.run(work, actor or self.actor)

    async def product(self, sku: str = "A", *, stock: int = 0, skus: tuple[str, ...] = (), **given: Any) -> Product:
        """A product on sale under a SKU, or in variants."""
        variants = [NewVariant(sku=each, name=f"Size {each}") for each in skus]
        own = None if skus else sku
        product = await self.make_product(sku=own, variants=variants, **{"is_active": True, **given})
        for each in skus or (sku,):
            if stock:
                await self.stock(each, stock)
        return product

    async def stock(self, sku: str, units: int) -> None:
        """Count the units of a SKU; no event is delivered."""
        await self.do(lambda tx: self.services.inventory.ledger.set(tx, [StockCount(sku, units)]))

    async def price(self, product: Product, amount: str) -> None:
        changes: ProductChanges = {"base_price": Decimal(amount)}
        await self.do(lambda tx: self.services.catalog.update_product(tx, product.id, changes))

    async def create(self, actor: Actor, product: Product, **given: Any) -> ProductStockAlert:
        new = NewProductAlert(product_id=product.id, **given)
        alert: ProductStockAlert = await self.do(lambda tx: self.parts.alerts.create(tx, actor, new), actor)
        return alert

    async def request(self, email: str, product: Product, **given: Any) -> UUID:
        """A guest asks for an alert; the id of the confirmation."""
        guest, new = Actor.anonymous(self.actor.company_id), NewProductAlert(product_id=product.id, **given)
        code_id: UUID = await self.parts.confirmation.request(self.database, guest, HOME, new, email)
        return code_id

    async def confirm(self, code_id: UUID, code: str) -> ProductStockAlert:
        guest = Actor.anonymous(self.actor.company_id)
        alert: ProductStockAlert = await self.parts.confirmation.confirm(self.database, guest, HOME, code_id, code)
        return alert

    async def tell(self, *products: Product) -> int:
        told: int = await self.do(lambda tx: self.parts.notices.tell(tx, {each.id for each in products}))
        return told

    async def told(self, type_: str = "EMAIL") -> list[Told]:
        """The notifications of a type so far, in their order."""
        rows = await self.owner.fetch(CREATED, self.actor.company_id, type_)
        return [
            Told(row["kind"], row["recipient"], row["user_id"], orjson.loads(self.mailbox.decrypt(row["content"])))
            for row in rows
        ]

    async def code(self) -> str:
        """The code that was mailed last."""
        return str([each for each in await self.told() if each.kind == "ALERT_CONFIRMATION"][-1].variables["code"])


@pytest.fixture
def alerts(database: Database, clock: FixedClock, actor: Actor, owner: Any, make_product: MakeProduct) -> Alerts:
    mailbox = Mailbox()
    timed = Database(database._pool, clock, database._on_events, database._is_relayed)
    return Alerts(services_of(clock, timed, mailbox), timed, mailbox, actor, owner, make_product)
