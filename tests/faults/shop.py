"""A shop of one company with stock and promotions, and the buyers and staff who use its API."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from ipaddress import ip_network
from itertools import count
from typing import Any, Final

import httpx

from domains.kernel.ids import new_id
from tests.faults.accounts import ADMIN, CUSTOMERS, PASSWORD, Account
from tests.faults.api import PAUSE, Answered, Client, Outcome, Refused

PLENTY: Final = 1_000_000
PRICE: Final = "10.00"
# Each buyer has an address of their own, because what one address may do as a guest is limited.
BUYER_NETWORK: Final = ip_network("10.0.0.0/8")
ADDRESS = {
    "fullName": "Vera Field",
    "addressLine1": "3 Kiln Lane",
    "city": "Stoke",
    "postalCode": "ST1 1AA",
    "country": "GB",
}
CARD = {"number": "4242 4242 4242 4242", "expiryMonth": 12, "expiryYear": 2050, "securityCode": "123"}
ERRORS = "errors { code message }"
SETTINGS = f"mutation ($input: CompanySettingsUpdateInput!) {{ companySettingsUpdate(input: $input) {{ {ERRORS} }} }}"
CATEGORY = (
    f"mutation ($input: CategoryCreateInput!) {{ categoryCreate(input: $input) {{ category {{ id }} {ERRORS} }} }}"
)
PRODUCT = f"""mutation ($input: ProductCreateInput!) {{ productCreate(input: $input) {{
  product {{ id variants {{ id sku }} }} {ERRORS} }} }}"""
PROMOTION = f"""mutation ($input: PromotionCreateInput!) {{ promotionCreate(input: $input) {{
  promotion {{ id code }} {ERRORS} }} }}"""
RESTOCK = f"""mutation ($input: StockUpdateInput!) {{ stockUpdate(input: $input) {{
  item {{ sku availableStock }} {ERRORS} }} }}"""
REFUND = f"""mutation ($input: OrderRefundInput!) {{ orderRefund(input: $input) {{
  order {{ id status }} refund {{ id status amount {{ amount }} }} {ERRORS} }} }}"""
STOCK = "query ($sku: String!) { inventoryItem(sku: $sku) { sku availableStock reservedStock totalStock } }"
ADD = f"""mutation ($input: CartItemsAddInput!) {{ cartItemsAdd(input: $input) {{
  cart {{ id itemCount }} cartToken {ERRORS} }} }}"""
APPLY = f"""mutation ($input: CartPromotionApplyInput!) {{ cartPromotionApply(input: $input) {{
  cart {{ id }} {ERRORS} }} }}"""
ORDER = f"""mutation ($input: OrderCreateInput!) {{ orderCreate(input: $input) {{
  order {{ id orderNumber total {{ amount }} }} orderToken {ERRORS} }} }}"""
PAY = f"mutation ($input: OrderPayInput!) {{ orderPay(input: $input) {{ order {{ id status }} {ERRORS} }} }}"
CANCEL = f"mutation ($input: OrderCancelInput!) {{ orderCancel(input: $input) {{ order {{ id status }} {ERRORS} }} }}"
REGISTER = f"mutation ($input: RegisterInput!) {{ register(input: $input) {{ mailSent {ERRORS} }} }}"
NEW_ADDRESS = (
    f"mutation ($input: AddressCreateInput!) {{ addressCreate(input: $input) {{ address {{ id }} {ERRORS} }} }}"
)
CORRECT_ADDRESS = f"mutation ($input: AddressUpdateInput!) {{ addressUpdate(input: $input) {{ {ERRORS} }} }}"
STATUS = "query ($token: String!) { orderByToken(orderToken: $token) { id status } }"


@dataclass(frozen=True, slots=True)
class Item:
    """Something to buy: a variant with its SKU."""

    product_id: str
    variant_id: str
    sku: str

    def line(self, quantity: int = 1) -> dict[str, Any]:
        """A line of a cart."""
        return {"productId": self.product_id, "variantId": self.variant_id, "quantity": quantity}


@dataclass(frozen=True, slots=True)
class Placed:
    """An order that a buyer was told of."""

    id: str
    number: str
    total: str
    token: str | None
    """The token of a guest's order."""

    @classmethod
    def of(cls, payload: Any) -> "Placed":
        """The order of an answer to orderCreate."""
        order = payload["order"]
        return cls(order["id"], order["orderNumber"], order["total"]["amount"], payload["orderToken"])


@dataclass(frozen=True, slots=True)
class Told:
    """What clients were told: the ids of orders by the answer that was given, each once."""

    placed: dict[str, Placed] = field(default_factory=dict)
    paid: set[str] = field(default_factory=set)
    accepted: set[str] = field(default_factory=set)
    """The orders that are paid by invoice."""
    cancelled: set[str] = field(default_factory=set)
    refunded: dict[str, str] = field(default_factory=dict)
    """The orders of refunds by the refund's id."""
    mailed: Counter[str] = field(default_factory=Counter)
    """How often an address was told that a mail was sent."""


@dataclass(slots=True)
class Buyer:
    """A guest, or a customer whose client is logged in. Every request with a key can be sent again with the same key.

    `order`, `pay` and `cancel` return one outcome; `told` remembers the answers.
    """

    client: Client
    email: str
    told: Told

    async def fill(self, *lines: dict[str, Any], code: str | None = None) -> str | None:
        """The token of a new cart with lines; a customer's has none.

        Begins with another cart when it does not know what happened; a customer then adds the lines again. Raises
        AssertionError when the shop refuses a line or the code.
        """
        while True:
            added = await self.client.mutate(ADD, items=list(lines))
            if isinstance(added, Answered):
                token: str | None = added.payload["cartToken"]
                applied = await self._apply(token, code) if code else added
                if isinstance(applied, Answered):
                    return token
                added = applied
            assert not isinstance(added, Refused) or added.is_transient, added
            await asyncio.sleep(PAUSE)
            await asyncio.sleep(PAUSE)

    async def _apply(self, cart_token: str | None, code: str) -> Outcome:
        return await self.client.mutate(APPLY, code=code, cartToken=cart_token)

    def order_input(self, cart_token: str | None, key: str | None = None) -> dict[str, Any]:
        """The input of an order, with a new key unless one is given."""
        return {
            "cartToken": cart_token,
            "email": self.email,
            "shippingAddress": ADDRESS,
            "idempotencyKey": key or new_key(),
        }

    def pay_input(self, order: Placed, key: str | None = None) -> dict[str, Any]:
        """The input of a payment."""
        return {"orderId": order.id, "orderToken": order.token, "card": CARD, "idempotencyKey": key or new_key()}

    def invoice_input(self, order: Placed, key: str | None = None) -> dict[str, Any]:
        """The input of a payment by invoice."""
        return {
            "orderId": order.id,
            "orderToken": order.token,
            "method": "INVOICE",
            "idempotencyKey": key or new_key(),
        }

    def cancel_input(self, order: Placed, key: str | None = None) -> dict[str, Any]:
        """The input of a cancellation."""
        return {"orderId": order.id, "orderToken": order.token, "idempotencyKey": key or new_key()}

    async def order(self, cart_token: str | None) -> Placed | Refused:
        """Order a cart; the request is repeated with its key until its outcome is known."""
        outcome = await self.client.insist(ORDER, **self.order_input(cart_token))
        if isinstance(outcome, Refused):
            return outcome
        placed = Placed.of(outcome.payload)
        self.told.placed[placed.id] = placed
        return placed

    async def pay(self, order: Placed) -> Answered | Refused:
        """Pay an order by card, repeated in the same way."""
        outcome = await self.client.insist(PAY, **self.pay_input(order))
        if isinstance(outcome, Answered):
            self.told.paid.add(order.id)
        return outcome

    async def pay_by_invoice(self, order: Placed) -> Answered | Refused:
        """Choose to pay an order later, repeated in the same way; the shop accepts it at once."""
        outcome = await self.client.insist(PAY, **self.invoice_input(order))
        if isinstance(outcome, Answered):
            self.told.accepted.add(order.id)
        return outcome

    async def cancel(self, order: Placed) -> Answered | Refused:
        """Cancel an order, repeated in the same way."""
        outcome = await self.client.insist(CANCEL, **self.cancel_input(order))
        if isinstance(outcome, Answered):
            self.told.cancelled.add(order.id)
        return outcome

    async def register(self) -> Outcome:
        """Register an account of the buyer's address, once: a mail is sent."""
        given = {"password": PASSWORD, "firstName": "Vera", "lastName": "Field"}
        outcome = await self.client.mutate(REGISTER, email=self.email, **given)
        if isinstance(outcome, Answered):
            self.told.mailed[self.email] += 1
        return outcome


@dataclass(slots=True)
class Shop:
    """The shop of the default company, with its administrator: two items with plenty of stock, and a code for all.

    Tests that need few units or a limited code add their own. Some buyers are customers with an account; the first
    has an address in the address book.
    """

    staff: Client
    category_id: str = ""
    items: Sequence[Item] = ()
    code: str = ""
    told: Told = field(default_factory=Told)
    stocked: dict[str, int] = field(default_factory=dict)
    """The units by SKU that staff were told to be added."""
    address_id: str = ""
    admin: Account = field(default_factory=lambda: Account(ADMIN))
    customers: "asyncio.Queue[Account]" = field(default_factory=asyncio.Queue)
    """The customers whom no journey uses."""
    _numbers: Iterator[int] = field(default_factory=lambda: count(1))

    @classmethod
    async def open(cls, client: Client) -> "Shop":
        """Fill the shop through the API. Its accounts exist: see `tests.faults.accounts`."""
        shop = cls(client)
        staff = await shop.administrator()
        limits = {"maxOrderUnits": 10_000, "maxUnpaidOrders": 1_000, "acceptUnpaidUpTo": "1000000.00"}
        await staff.done(SETTINGS, input=limits)
        shop._open_accounts()
        async with shop.customer() as first:
            given = {**ADDRESS, "type": "SHIPPING"}
            shop.address_id = (await first.client.done(NEW_ADDRESS, input=given))["address"]["id"]
        shop._open_accounts()
        shop.category_id = (await staff.done(CATEGORY, input={"name": "Shirts"}))["category"]["id"]
        shop.items, shop.code = await shop.add_items(2, PLENTY), await shop.add_code(PLENTY)
        return shop

    def behind(self, http: httpx.AsyncClient, urls: Sequence[str]) -> "Shop":
        """The same shop in a copy of its database, behind other servers; its clients were told nothing yet."""
        staff = replace(self.staff, http=http, urls=urls, faults=[], lost=[])
        admin, stocked = replace(self.admin), dict(self.stocked)
        made = replace(self, staff=staff, told=Told(), stocked=stocked, admin=admin, _numbers=count(1))
        made._open_accounts()
        return made

    def _open_accounts(self) -> None:
        self.customers = asyncio.Queue()
        for email in CUSTOMERS:
            self.customers.put_nowait(Account(email))

    async def administrator(self) -> Client:
        """The client of the administrator, who logs in again before the token expires."""
        return await self.admin.log_in(self.staff)

    async def add_items(self, number: int, stock: int) -> list[Item]:
        """Create a product with so many variants, each with so many units and a SKU that is new in this process."""
        name = f"SHIRT-{new_key()[-12:]}"
        variants = [
            {"sku": f"{name}-{size}", "options": [{"name": "Size", "value": str(size)}], "stock": stock}
            for size in range(number)
        ]
        given = {"name": name, "categoryId": self.category_id, "basePrice": PRICE, "isActive": True}
        product = (await (await self.administrator()).done(PRODUCT, input={**given, "variants": variants}))["product"]
        self.stocked |= {each["sku"]: stock for each in product["variants"]}
        return [Item(product["id"], each["id"], each["sku"]) for each in product["variants"]]

    async def add_code(self, uses: int) -> str:
        """Create a promotion of a tenth that so many orders can use; its code."""
        code = f"TENTH-{new_key()[-12:].upper()}"
        kind = {"type": "SEASONAL", "discountType": "PERCENTAGE", "discountValue": "10"}
        given = {"name": code, "code": code, "maxUsageCount": uses, **kind}
        await (await self.administrator()).done(PROMOTION, input=given)
        return code

    def buyer(self, *, first: int = 0) -> Buyer:
        """A new guest with a network address and an e-mail address of their own; `first` selects a server."""
        number = next(self._numbers)
        client = replace(self.staff, token=None, address=str(BUYER_NETWORK[number]), first=first)
        return Buyer(client, f"buyer-{number}@example.com", self.told)

    @asynccontextmanager
    async def customer(self, *, first: int = 0) -> AsyncIterator[Buyer]:
        """A logged-in customer, for one journey at a time; `first` selects a server. Waits for one who is free."""
        account = await self.customers.get()
        try:
            buyer = self.buyer(first=first)
            yield replace(buyer, client=await account.log_in(buyer.client), email=account.email)
        finally:
            self.customers.put_nowait(account)

    async def correct_address(self) -> None:
        """Change the address of a customer, repeated until it is answered. A handler sends a mail to the customer."""
        given = {"id": self.address_id, "company": new_key()}
        while True:
            outcome = await (await self.administrator()).mutate(CORRECT_ADDRESS, **given)
            if isinstance(outcome, Answered):
                return
            assert not isinstance(outcome, Refused) or outcome.is_transient, outcome
            await asyncio.sleep(PAUSE)

    async def refund(self, order: Placed, amount: str | None = None) -> Answered | Refused:
        """Refund a part of an order or all that is left, repeated with its key until the outcome is known."""
        given: dict[str, Any] = {"orderId": order.id, "amount": amount, "idempotencyKey": new_key()}
        outcome = await (await self.administrator()).insist(REFUND, **given)
        if isinstance(outcome, Answered):
            self.told.refunded[outcome.payload["refund"]["id"]] = order.id
        return outcome

    async def restock(self, item: Item, units: int, reference: str | None = None) -> Outcome:
        """Add units once. It has no key: after an unknown outcome, the ledger has the `reference` or not."""
        given = {"sku": item.sku, "quantity": units, "type": "PURCHASE", "reference": reference}
        outcome = await (await self.administrator()).mutate(RESTOCK, **given)
        if isinstance(outcome, Answered):
            self.stocked[item.sku] += units
        return outcome

    async def stock_of(self, item: Item) -> Any:
        """The stock of an item as staff see it: availableStock, reservedStock, totalStock."""
        return await (await self.administrator()).done(STOCK, sku=item.sku)


def new_key() -> str:
    """An idempotency key that was never used."""
    return str(new_id())
