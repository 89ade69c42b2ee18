"""Loads the demo: accounts, a catalogue with stock and reviews, promotions, orders and carts. Idempotent."""

import secrets
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any, Final
from uuid import UUID

from slugify import slugify

from domains.account.models import AddressType, NewAddress
from domains.auth.errors import EmailTaken
from domains.auth.models import NewAccount
from domains.catalog.categories.attributes import AttributeRule
from domains.catalog.errors import SlugTaken
from domains.catalog.models import NewProduct
from domains.company.models import Company
from domains.inventory.models import ReorderChanges, StockCount
from domains.kernel.actor import Actor, ActorKind
from domains.kernel.database import Database, Tx
from domains.payment.models import CaptureMode, PaymentAudience
from domains.role.models import SystemRole
from domains.tax.models import ShippingTaxMethod
from gateway.demo.content import DemoCategory, read_catalogue, read_reviews
from gateway.demo.orders import DemoOrders
from gateway.demo.payments import DemoPayments, staff_of
from gateway.demo.shipping import add_profiles, add_zones
from gateway.demo.shop import DemoShop
from gateway.demo.stand_ins import StandInPayments, StandInUrls
from gateway.demo.stories import add_stories
from gateway.demo.taxes import add_taxes
from gateway.demo.tenders import add_tenders
from gateway.demo.warehouses import add_stock_work, add_warehouses
from gateway.graphql.company.settings import update_settings
from gateway.providers.mock.mock_payments import MockPayments
from gateway.services import Services


@dataclass(frozen=True, slots=True)
class Login:
    """An account of the demo; its password is public."""

    email: str
    password: str
    name: str
    role: SystemRole


LOGINS: Final = (
    Login("admin@example.com", "lantern-harbour-42", "Alma Demo", SystemRole.SUPER_ADMIN),
    Login("customer@example.com", "teapot-meadow-17", "Casper Demo", SystemRole.CUSTOMER),
)


SETTINGS: Final[Mapping[str, Any]] = {
    "tax_country": "GB",
    "prices_include_tax": True,
    "shipping_tax_method": ShippingTaxMethod.PROPORTIONAL,
    "cash_on_delivery": PaymentAudience.CUSTOMERS,
}
PURCHASE_SKU: Final = "FIELD-NOTEBOOK-DOTTED"
NO_STAND_INS: Final = StandInUrls()
REORDER_INTERVAL: Final = 7  # every seventh SKU has a reorder point
REORDER_LEVELS: Final[ReorderChanges] = {"reorder_point": 8, "reorder_quantity": 24}
HOME: Final = NewAddress(
    type=AddressType.SHIPPING,
    full_name="Casper Demo",
    address_line_1="3 Kiln Lane",
    city="Stoke",
    postal_code="ST1 1AA",
    country="GB",
)


@dataclass(frozen=True, slots=True)
class Purchase:
    """The product or variant of the example purchase."""

    product_id: UUID
    variant_id: UUID | None


class Demo:
    """The demo of one company."""

    def __init__(
        self,
        services: Services,
        db: Database,
        company: Company,
        mock: MockPayments,
        stand_ins: StandInUrls = NO_STAND_INS,
    ) -> None:
        self._services = services
        self._stand_ins = stand_ins
        self._db = db
        self._mock = mock
        self._actor = Actor.system(company.id)
        self._reader = db.reader(company.id)

    async def is_empty(self) -> bool:
        """Whether the company has no product yet."""
        return not await self._services.catalog.imports.products_after(self._reader, "", take=1)

    async def load(self) -> bool:
        """Add accounts, catalogue and orders; False when the catalogue exists already.

        Catalogue and promotions are one transaction; each order after it is its own transaction. A company that
        does not take payments at once by the MOCK provider gets no orders.
        """
        reviewers = await self._create_accounts()
        tree = await self._services.catalog.get_category_tree(self._reader, self._actor)
        if {node.category.slug for node in tree} & {category.slug for category in read_catalogue()}:
            return False

        is_first = await self.is_empty()
        known = await self._known(LOGINS)
        admin, customer = (known[login.email] for login in LOGINS)
        names, _ = read_reviews()
        people = dict(zip((LOGINS[1].name, *names), (customer, *reviewers), strict=True))
        staff = staff_of(self._actor.company_id, admin)
        payments = DemoPayments(self._services, self._db, staff, self._mock, is_own=is_first)
        orders = DemoOrders(self._services, self._db, staff, people, payments)
        warehouses: dict[str, UUID] = {}
        stand_ins = StandInPayments(self._services, self._db, staff, self._stand_ins if is_first else NO_STAND_INS)

        async def work(tx: Tx) -> None:
            buyer = Actor(ActorKind.USER, self._actor.company_id, user_id=customer)
            if not await self._services.account.addresses.of_users(tx, [customer]):
                await self._services.account.addresses.create(tx, buyer, HOME)
            shipping, inventory = self._services.shipping, self._services.inventory
            classes = await add_taxes(self._services.tax, tx) if is_first else {}
            profiles = await add_profiles(shipping, tx) if is_first else {}
            if is_first:
                warehouses.update(await add_warehouses(inventory, tx))
            await self._add_catalogue(tx, {**classes, **profiles}, warehouses, reviewers)
            if is_first:
                await update_settings(self._services, tx, self._actor, SETTINGS)
                await add_zones(shipping, tx, profiles, warehouses)
                await add_tenders(self._services.payment, tx, customer)
            await stand_ins.connect(tx)
            await orders.create_promotions(tx, await self._category_ids(tx))

        try:
            await self._db.run(work, self._actor)
        except SlugTaken:
            # Another process loads the demo concurrently.
            return False
        if await self._has_mock_payments():
            shop = DemoShop(self._services, self._db, staff, orders.buyers) if is_first else None
            await _create_orders(orders, stand_ins, shop, warehouses)
        return True

    async def _add_catalogue(
        self, tx: Tx, classes: Mapping[str, UUID], warehouses: Mapping[str, UUID], reviewers: Sequence[UUID]
    ) -> None:
        """The products with their stock and reviews; `classes` are tax classes and shipping profiles by name."""
        products: list[UUID] = []
        for category in read_catalogue():
            await self._category(tx, category, None, products, classes)
        await self._stock(tx, warehouses)
        await self._services.inventory.projection.show_stock(tx, products)
        await self._reviews(tx, products, reviewers)

    async def _has_mock_payments(self) -> bool:
        """Whether payments are made at once by the MOCK provider; the demo asks no other one."""
        payment = self._services.payment
        settings = await payment.settings.current(self._reader)
        if self._mock.name not in {each.name for each in await payment.accounts.installed(self._reader)}:
            return False
        return (settings.payment_provider, settings.capture_mode) == (self._mock.name, CaptureMode.AUTOMATIC)

    async def purchase(self) -> Purchase | None:
        """The product of the example purchase, if it exists."""
        items = await self._services.inventory.listing.items_by_sku(self._reader, [PURCHASE_SKU])
        return next((Purchase(item.product_id, item.variant_id) for item in items if item.product_id), None)

    async def logins(self) -> list[Login]:
        """The existing demo accounts with public passwords."""
        known = await self._known(LOGINS)
        return [login for login in LOGINS if login.email in known]

    async def open_logins(self) -> list[str]:
        """The addresses of the accounts that still have the demo's passwords."""
        provisioning = self._services.auth.provisioning
        return [
            login.email
            for login in LOGINS
            if await provisioning.verify_password(self._reader, login.email, login.password)
        ]

    async def _create_accounts(self) -> list[UUID]:
        """Create the missing accounts; returns the ids of the reviewers."""
        names, _ = read_reviews()
        # The accounts of reviewers are not used: their random passwords are not stored.
        reviewers = [
            Login(f"{slugify(name, separator='.')}@example.com", secrets.token_urlsafe(24), name, SystemRole.CUSTOMER)
            for name in names
        ]
        known = await self._known([*LOGINS, *reviewers])
        for login in (*LOGINS, *reviewers):
            if login.email not in known:
                await self._create_account(login)
        return list((await self._known(reviewers)).values())

    async def _known(self, logins: Sequence[Login]) -> dict[str, UUID]:
        """The accounts that exist, by address, in the order of the logins."""
        emails = [login.email for login in logins]
        found = await self._services.auth.provisioning.find_user_ids(self._reader, emails)
        return {email: found[email] for email in emails if email in found}

    async def _create_account(self, login: Login) -> None:
        first_name, _, last_name = login.name.partition(" ")
        account = NewAccount(email=login.email, password=login.password, first_name=first_name, last_name=last_name)
        with suppress(EmailTaken):
            await self._services.auth.provisioning.create(self._db, self._actor.company_id, account, login.role)

    async def _category(
        self,
        tx: Tx,
        demo_category: DemoCategory,
        parent_id: UUID | None,
        products: list[UUID],
        classes: Mapping[str, UUID],
    ) -> None:
        catalog = self._services.catalog
        category = await catalog.categories.create(tx, replace(demo_category.category, parent_id=parent_id))
        for attribute in demo_category.attributes:
            rule = AttributeRule(
                attribute.name,
                attribute.type,
                attribute.is_required,
                is_filterable=True,
                options=attribute.options,
            )
            await catalog.attributes.create(tx, category.id, rule, unit=attribute.unit)
        for product in demo_category.products:
            new = NewProduct(
                **product.values,
                category_id=category.id,
                attributes=product.attributes,
                variants=product.variants,
                tax_class_id=classes.get(product.tax_class or ""),
                shipping_profile_id=classes.get(product.profile or ""),
            )
            products.append((await catalog.create_product(tx, new)).id)
        for child in demo_category.children:
            await self._category(tx, child, category.id, products, classes)

    async def _stock(self, tx: Tx, warehouses: Mapping[str, UUID]) -> None:
        inventory = self._services.inventory
        await inventory.ledger.set(tx, _counts(), reason="Demo")
        for shelf, count in enumerate(_counts()[::REORDER_INTERVAL], start=1):
            await inventory.reorder_levels.set(tx, count.sku, {**REORDER_LEVELS, "location": f"Shelf {shelf}"})
        if warehouses:
            await add_stock_work(inventory, tx, _counts(), warehouses)

    async def _category_ids(self, tx: Tx) -> dict[str, UUID]:
        tree = await self._services.catalog.get_category_tree(tx, self._actor)
        return {node.category.slug: node.category.id for root in tree for node in (root, *root.children)}

    async def _reviews(self, tx: Tx, products: Sequence[UUID], reviewers: Sequence[UUID]) -> None:
        """Views, and none to five reviews for each product, the same for each load."""
        _, reviews = read_reviews()
        views = {product_id: 5 + place * 37 % 211 for place, product_id in enumerate(products)}
        await self._services.catalog.views.record(tx, views)
        for place, product_id in enumerate(products):
            for turn, user_id in enumerate(reviewers[: place * 5 % 6]):
                review = reviews[(place * 3 + turn * 7) % len(reviews)]
                customer = Actor(ActorKind.USER, self._actor.company_id, user_id=user_id)
                await self._services.review.create(tx, customer, product_id, review)


def _counts() -> list[StockCount]:
    return [
        StockCount(sku, available)
        for root in read_catalogue()
        for category in root.children
        for product in category.products
        if product.stock is not None
        for sku, available in product.counts()
    ]


async def _create_orders(
    orders: DemoOrders, stand_ins: StandInPayments, shop: DemoShop | None, warehouses: Mapping[str, UUID]
) -> None:
    """The orders and open carts; in the demo's own shop also those with parcels, edits and returns."""
    skus = [count.sku for count in _counts()]
    await orders.create(skus, stand_ins.ways)
    if shop is not None:
        await add_stories(shop, warehouses)
    await orders.open_carts(skus)
