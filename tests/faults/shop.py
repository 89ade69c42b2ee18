"""A shop of one company with stock and promotions, and the buyers and staff who use its API."""

import asyncio
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from ipaddress import ip_network
from itertools import count
from typing import Any, Final

import httpx

from domains.auth.models import NewAccount
from domains.kernel.ids import new_id
from domains.role.models import SystemRole
from gateway.bootstrap import Platform
from tests.faults.api import PAUSE, Answered, Client, Outcome, Refused

ADMIN, PASSWORD = "owner@example.com", "lamplight on wet slate"
TOKEN_SECONDS: Final = 600.0  # before the end of an access token's 15 minutes
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
LOGIN = f"mutation ($input: LoginInput!) {{ login(input: $input) {{ auth {{ accessToken }} {ERRORS} }} }}"
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
    token: str

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
    cancelled: set[str] = field(default_factory=set)
    refunded: dict[str, str] = field(default_factory=dict)
    """The orders of refunds by the refund's id."""
    mailed: set[str] = field(default_factory=set)
    """The addresses that were told that a mail was sent."""


@dataclass(slots=True)
class Buyer:
    """A guest. Every request with a key can be sent again with the same key.

    `order`, `pay` and `cancel` return one outcome; `told` remembers the answers.
    """

    client: Client
    email: str
    told: Told

    async def fill(self, *lines: dict[str, Any], code: str | None = None) -> str:
        """The token of a new cart with lines; begins with another cart when it does not know what happened.

        Raises AssertionError when the shop refuses a line or the code.
        """
        while True:
            added = await self.client.mutate(ADD, items=list(lines))
            if isinstance(added, Answered):
                token = str(added.payload["cartToken"])
                applied = await self._apply(token, code) if code else added
                if isinstance(applied, Answered):
                    return token
                added = applied
            assert not isinstance(added, Refused) or added.is_transient, added
            await asyncio.sleep(PAUSE)
            await asyncio.sleep(PAUSE)

    async def _apply(self, cart_token: str, code: str) -> Outcome:
        return await self.client.mutate(APPLY, code=code, cartToken=cart_token)

    def order_input(self, cart_token: str, key: str | None = None) -> dict[str, Any]:
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

    def cancel_input(self, order: Placed, key: str | None = None) -> dict[str, Any]:
        """The input of a cancellation."""
        return {"orderId": order.id, "orderToken": order.token, "idempotencyKey": key or new_key()}

    async def order(self, cart_token: str) -> Placed | Refused:
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
            self.told.mailed.add(self.email)
        return outcome


@dataclass(slots=True)
class Shop:
    """The shop of the default company, with its administrator: two items with plenty of stock, and a code for all.

    Tests that need few units or a limited code add their own.
    """

    staff: Client
    category_id: str = ""
    items: Sequence[Item] = ()
    code: str = ""
    told: Told = field(default_factory=Told)
    stocked: dict[str, int] = field(default_factory=dict)
    """The units by SKU that staff were told to be added."""
    _logged_in_at: float = -TOKEN_SECONDS
    _numbers: Iterator[int] = field(default_factory=lambda: count(1))

    @classmethod
    async def open(cls, client: Client) -> "Shop":
        """Fill the shop through the API. Its administrator exists: see `create_administrator`."""
        shop = cls(client)
        staff = await shop.administrator()
        await staff.done(SETTINGS, input={"maxOrderUnits": 10_000, "maxUnpaidOrders": 1_000})
        shop.category_id = (await staff.done(CATEGORY, input={"name": "Shirts"}))["category"]["id"]
        shop.items, shop.code = await shop.add_items(2, PLENTY), await shop.add_code(PLENTY)
        return shop

    def behind(self, http: httpx.AsyncClient, urls: Sequence[str]) -> "Shop":
        """The same shop in a copy of its database, behind other servers; its clients were told nothing yet."""
        staff = replace(self.staff, http=http, urls=urls, faults=[], lost=[])
        return replace(self, staff=staff, told=Told(), stocked=dict(self.stocked), _numbers=count(1))

    async def administrator(self) -> Client:
        """The client of the administrator, who logs in again before the token expires."""
        while time.monotonic() - self._logged_in_at > TOKEN_SECONDS:
            self.staff.token = None  # an expired one would be refused
            login = await self.staff.mutate(LOGIN, email=ADMIN, password=PASSWORD)
            if isinstance(login, Answered):
                self.staff.token = login.payload["auth"]["accessToken"]
                self._logged_in_at = time.monotonic()
            else:
                await asyncio.sleep(PAUSE)
        return self.staff

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


async def create_administrator(platform: Platform) -> None:
    """Create the administrator of the platform, as `commerce create-admin` does."""
    company, new = await platform.companies.find(None), NewAccount(email=ADMIN, password=PASSWORD)
    await platform.services.auth.provisioning.create(platform.database, company.id, new, SystemRole.SUPER_ADMIN)


def new_key() -> str:
    """An idempotency key that was never used."""
    return str(new_id())
