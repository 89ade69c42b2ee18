"""A shop for tests of orders: products with stock, customers and guests with carts, and cards of every kind."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any, TypeVar
from uuid import UUID

from domains.cart.models import CartRef, NewLine
from domains.catalog.models import NewCategory, NewProduct, Product
from domains.inventory.models import StockCount
from domains.kernel.actor import Actor, ActorKind
from domains.kernel.clock import FixedClock
from domains.kernel.database import Database, Tx
from domains.kernel.idempotency.attempts import Attempt
from domains.kernel.invariants import AnyInvariant, Invariant
from domains.kernel.values.secret import Secret
from domains.ledger.invariants import INVARIANTS as LEDGER
from domains.order.invariants import SUMMARY
from domains.order.models import AddressFields, CreatedOrder, NewOrder, Order
from domains.order.payments.payments import PaymentData
from domains.order.sales.invariants import INVARIANTS as SALES
from domains.order.search.index import SEARCHABLE
from domains.payment.cards import CardDetails, has_check_digit
from domains.payment.invariants import INVARIANTS as PAYMENTS
from domains.payment.models import CaptureMode, Payment, PaymentMethod
from domains.promotion.models import DiscountType, PromotionType
from domains.tax.models import NewTaxRate
from gateway.providers.mock.mock_payments import MockPayments
from gateway.services import Services, rules_of
from tests.domains.actors import CUSTOMER_ID, administrator, make_membership, make_user

T = TypeVar("T")
HOME = AddressFields(
    full_name="Ada Lovelace", address_line_1="12 St James's Square", city="London", postal_code="SW1Y", country="GB"
)
# A complete refund ends the completion of an order, not its event.
COMPLETIONS = """
select o.order_number, o.status::text, count(e.id) as events
from orders o left join outbox_events e on e.aggregate_id = o.id and e.topic = 'order.completed'
where o.company_id = $1 group by o.id
having count(e.id) <> (o.completed_at is not null)::int
  or o.completed_at is null and o.status = 'DELIVERED' and o.amount_captured - o.amount_repaid >= o.total
  or o.completed_at is not null and o.units_shipped = 0
"""
# Trial balance 0, and ledger = payments = orders.
LEDGER_RULES = [*LEDGER[:2], *SALES, *(each for each in PAYMENTS if each.rule.startswith("The ledger has"))]
GOOD = "4242424242424242"
DECLINED = "4000000000000002"
SILENT_UNCHARGED = "4000000000000119"
SILENT_CHARGED = "4000000000000341"


def good_card(place: int) -> str:
    """One of many cards that pay."""
    digits = f"424242{place:09}"
    return next(number for check in "0123456789" if has_check_digit(number := digits + check))


def card(number: str = GOOD) -> CardDetails:
    """A card that has been checked."""
    return CardDetails(Secret(number), 12, 2030, Secret("123"))


@dataclass
class Storefront:
    """The operations of tests of orders. Each of them commits."""

    services: Services
    database: Database
    clock: FixedClock
    company_id: UUID
    owner: Any
    category_id: UUID | None = None
    products: dict[str, Product] = field(default_factory=dict)

    @property
    def provider(self) -> MockPayments:
        """The MOCK provider behind the shop: it keeps its books in the database."""
        return MockPayments(self.database._pool, self.clock, Secret("a webhook secret"))

    @property
    def system(self) -> Actor:
        return Actor.system(self.company_id)

    async def run(self, work: Any, actor: Actor | None = None) -> Any:
        return await self.database.run(work, actor or self.system)

    async def stock(self, sku: str, count: int | None, price: str = "10.00", **given: Any) -> Product:
        """A product on sale under a SKU; None is one whose stock is not counted."""

        async def work(tx: Tx) -> Product:
            if self.category_id is None:
                self.category_id = (await self.services.catalog.categories.create(tx, NewCategory(name="All"))).id
            new = NewProduct(
                name=f"Thing {sku}",
                category_id=self.category_id,
                base_price=Decimal(price),
                sku=sku,
                is_tracked=count is not None,
                **given,
            )
            product = await self.services.catalog.create_product(tx, new)
            if count:
                await self.services.inventory.ledger.set(tx, [StockCount(sku, count)])
            return product

        product: Product = await self.run(work)
        self.products[sku] = product
        return product

    async def tax_class(self, code: str, rate: Decimal, *, country: str = "GB", name: str = "VAT") -> UUID:
        """A tax class with a rate in the country of HOME; its id."""
        tax = self.services.tax
        made = await self.run(lambda tx: tax.classes.create(tx, {"code": code, "name": code.title()}))
        new: NewTaxRate = {"tax_class_id": made.id, "name": name, "country": country, "rate": rate}
        await self.run(lambda tx: tax.rates.create(tx, new))
        class_id: UUID = made.id
        return class_id

    async def customer(self) -> Actor:
        """A new customer with an account."""
        user_id = await make_user(self.owner)
        await make_membership(self.owner, self.company_id, user_id, CUSTOMER_ID)
        return Actor(ActorKind.USER, self.company_id, user_id=user_id)

    async def customers(self, count: int) -> list[Actor]:
        return [await self.customer() for _ in range(count)]

    async def staff(self) -> Actor:
        """An administrator with a user in the database."""
        admin = administrator(self.company_id)
        await self.owner.execute(
            "insert into users (id, email, role_id, updated_at) values ($1, $2, $3, now())",
            admin.user_id,
            f"{admin.user_id}@example.com",
            CUSTOMER_ID,
        )
        return admin

    async def fill(self, actor: Actor, *wanted: tuple[str, int], token: str | None = None) -> str | None:
        """Add products to the actor's cart; returns a guest's token."""
        for sku, quantity in wanted:
            product = self.products[sku]
            line = NewLine(product.id, None, quantity)
            ref = CartRef.of(actor, token)
            opened = await self.run(lambda tx, ref=ref, line=line: self.services.cart.add_item(tx, ref, line), actor)
            token = opened.token or token
        return token

    async def promotion(self, **given: Any) -> Any:
        """A percentage off all products by code by default."""
        new: Any = {
            "name": given["code"],
            "type": PromotionType.SEASONAL,
            "discount_type": DiscountType.PERCENTAGE,
            "start_date": self.clock.now(),
            **given,
        }
        return await self.run(lambda tx: self.services.promotion.create_promotion(tx, new))

    async def apply(self, actor: Actor, code: str, *, token: str | None = None) -> None:
        """Put a code into the actor's cart: of a promotion, a coupon, or a unique one."""
        reader = self.database.reader(self.company_id)
        cart = await self.services.cart.get_cart(reader, CartRef.of(actor, token))
        await self.owner.execute(
            "insert into cart_promotions (company_id, cart_id, promotion_id) "
            "select company_id, $2, id from promotions where company_id = $1 and code = $3",
            self.company_id,
            cart.id,
            code,
        )
        await self.owner.execute(
            "insert into cart_coupons (company_id, cart_id, coupon_id, coupon_code_id) "
            "select company_id, $2::uuid, id, null from coupons where company_id = $1 and code = $3 union all "
            "select company_id, $2, coupon_id, id from coupon_codes where company_id = $1 and code = $3",
            self.company_id,
            cart.id,
            code,
        )

    async def place(self, actor: Actor, **given: Any) -> CreatedOrder:
        """Order the actor's cart."""
        new = NewOrder(**{"shipping": HOME, **given})
        orders = self.services.order
        ticket = await orders.checkout.take_ticket(self.database, actor)
        placed: CreatedOrder = await self.run(lambda tx: orders.create_order(tx, actor, new, ticket), actor)
        return placed

    async def buy(self, actor: Actor, *wanted: tuple[str, int]) -> Order:
        """An order of a customer that waits to be paid."""
        await self.fill(actor, *wanted)
        return (await self.place(actor)).order

    async def pay(
        self, actor: Actor, order: Order, number: str = GOOD, *, db: Attempt | None = None, token: str | None = None
    ) -> Order:
        """Pay an order by card, in an attempt of the test's or a new one."""
        data = PaymentData(instrument=card(number), token=token)
        return await self.services.order.process_payment(db or self.database, actor, order.id, data)

    async def set_mode(self, mode: CaptureMode) -> None:
        """Change when the shop captures new payments."""
        await self.run(lambda tx: self.services.payment.settings.update(tx, {"capture_mode": mode}))

    async def authorize(self, actor: Actor, order: Order, number: str = GOOD) -> Order:
        """Pay an order by a card whose amount is held and not captured."""
        await self.set_mode(CaptureMode.MANUAL)
        try:
            return await self.pay(actor, order, number)
        finally:
            await self.set_mode(CaptureMode.AUTOMATIC)

    async def payment_of(self, order: Order) -> Payment:
        """The latest payment of an order."""
        return (await self.services.payment.payments_of(self.database.reader(self.company_id), [order.id]))[-1]

    async def accept(self, actor: Actor, order: Order) -> Order:
        """Have an order accepted by invoice."""
        data = PaymentData(method=PaymentMethod.INVOICE)
        return await self.services.order.process_payment(self.database, actor, order.id, data)

    async def order(self, order_id: UUID) -> Order:
        """The order as it is now."""
        return await self.services.order.get_order_by_id(self.database.reader(self.company_id), self.system, order_id)

    async def history(self, order_id: UUID) -> list[tuple[str, str | None]]:
        """The statuses of an order's history, with their comments."""
        rows = await self.services.order.history_of(self.database.reader(self.company_id), [order_id])
        return [(row.to_status.value, row.comment) for row in rows]

    async def level(self, sku: str) -> tuple[int, int]:
        """Free and reserved units of a SKU."""
        row = await self.owner.fetchrow(
            "select available_stock, reserved_stock from inventory_items where company_id = $1 and sku = $2",
            self.company_id,
            sku,
        )
        return (row[0], row[1])

    async def ledger(self, sku: str) -> dict[tuple[str, int, int], int]:
        """How many entries the ledger of a SKU has, by kind and by how each moves free and reserved units."""
        rows = await self.owner.fetch(
            "select m.type::text, m.available_delta, m.reserved_delta, count(*) from stock_movements m "
            "join inventory_items i on i.id = m.inventory_id where i.company_id = $1 and i.sku = $2 group by 1, 2, 3",
            self.company_id,
            sku,
        )
        return {(row[0], row[1], row[2]): row[3] for row in rows}

    async def count(self, table: str) -> int:
        """How many rows of this company a table has."""
        sql = f"select count(*) from {table} where company_id = $1"  # noqa: S608 - names from tests alone
        number: int = await self.owner.fetchval(sql, self.company_id)
        return number

    async def charges(self) -> list[tuple[str, Decimal]]:
        """The provider's records of this company's payments."""
        rows = await self.owner.fetch(
            "select m.status, m.amount from mock_charges m join payments p on p.id = m.reference "
            "where p.company_id = $1 order by m.created_at, p.id",
            self.company_id,
        )
        return [(row[0], row[1]) for row in rows]

    async def topics(self) -> list[str]:
        """The topics of events of orders, in order."""
        rows = await self.owner.fetch(
            "select topic from outbox_events where company_id = $1 and topic like 'order.%' order by sequence",
            self.company_id,
        )
        return [row[0] for row in rows]

    async def broken_ledger(self) -> list[tuple[str, dict[str, Any]]]:
        """The violated rules that compare the ledger with this shop's orders and payments, with their rows."""
        found: list[tuple[str, dict[str, Any]]] = []
        for rule in LEDGER_RULES:
            query = rule.query.replace("limit 20", "")
            rows = await self.owner.fetch(f"select * from ({query}) f where company_id = $1", self.company_id)  # noqa: S608 - doctor's
            found += [(rule.rule, dict(row)) for row in rows]
        return found

    async def broken(self) -> Sequence[tuple[str, Any]]:
        """The violated invariants of this shop, with their rows."""
        own = f"select * from ({{}}) found where company_id = '{self.company_id}'"  # noqa: S608 - an id
        inspections = [replace(each, query=own.format(each.query)) for each in (SEARCHABLE, SUMMARY)]
        # All of them: beyond the twenty that are told may stand this shop's.
        rules: list[AnyInvariant] = [
            replace(each, query=each.query.replace("limit 20", ""))
            for each in rules_of()
            if isinstance(each, Invariant)
        ]
        found: list[tuple[str, Any]] = []
        async with self.owner.acquire() as connection:
            for rule in [*rules, *inspections]:
                rows = await rule.violations(connection)
                found += [(rule.rule, row) for row in rows if row.get("company_id") == self.company_id]
            mistold = await connection.fetch(COMPLETIONS, self.company_id)
            found += [("An order that was completed has one event of it, others none", row) for row in mistold]
        return found
