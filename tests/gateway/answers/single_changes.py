"""Single changes of a shop, each committed alone: what an event that changes answers is about, and nothing else."""

from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final, TypeAlias
from uuid import UUID

from domains.catalog.models import NewCategory
from domains.inventory.models import StockCount
from domains.kernel.actor import Actor
from domains.payment.models import PaymentAudience
from domains.review.models import ReviewChanges
from tests.domains.actors import super_administrator
from tests.domains.order.storefront import Storefront
from tests.gateway.people import personal_data, register

SKU: Final = "SHOWN"
SECOND: Final[ReviewChanges] = {"rating": 5, "title": "Better", "comment": None}


@dataclass(frozen=True, slots=True)
class Shown:
    """What the answers show: a product under `SKU`, and a review of it by a customer."""

    shop: Storefront
    author: Actor
    email: str
    """The address of the customer's account."""
    review_id: UUID
    elsewhere: UUID
    """Another company of the platform."""

    @property
    def product_id(self) -> UUID:
        return self.shop.products[SKU].id

    @property
    def services(self) -> Any:
        return self.shop.services

    async def govern(self, method: str, **given: Any) -> None:
        """Let the super administrator do something to the company."""
        company, root = self.shop.company_id, super_administrator(self.shop.company_id)
        act = getattr(self.services.company, method)
        await self.shop.database.run(lambda tx: act(tx, root, company, **given), root, platform=True)


Change: TypeAlias = Callable[[Shown], AsyncIterator[None]]
"""What comes before the `yield` has happened when answers are cached; the rest happens then."""


async def show(shop: Storefront, elsewhere: UUID) -> Shown:
    """A product with three units and a review."""
    product = await shop.stock(SKU, 3)
    await shop.run(lambda tx: shop.services.inventory.projection.show_stock(tx, [product.id]))
    author = await register(shop)
    given: ReviewChanges = {"rating": 3, "title": "Good", "comment": None}
    made = await shop.run(lambda tx: shop.services.review.create(tx, author.actor, product.id, given), author.actor)
    return Shown(shop, author.actor, author.email, made.id, elsewhere)


async def product_created(shown: Shown) -> AsyncIterator[None]:
    yield
    await shown.shop.stock("NEW", None)


async def product_updated(shown: Shown) -> AsyncIterator[None]:
    yield
    changes = {"description": "Blue."}
    await shown.shop.run(lambda tx: shown.services.catalog.update_product(tx, shown.product_id, changes))


async def product_hidden(shown: Shown) -> AsyncIterator[None]:
    yield
    changes = {"is_active": False}
    await shown.shop.run(lambda tx: shown.services.catalog.update_product(tx, shown.product_id, changes))


async def product_deleted(shown: Shown) -> AsyncIterator[None]:
    yield
    await shown.shop.run(lambda tx: shown.services.catalog.delete_product(tx, shown.product_id))


async def availability_changed(shown: Shown) -> AsyncIterator[None]:
    inventory = shown.services.inventory
    await shown.shop.run(lambda tx: inventory.ledger.set(tx, [StockCount(SKU, 0)]))
    yield
    await shown.shop.run(lambda tx: inventory.projection.show_stock(tx, [shown.product_id]))


async def category_changed(shown: Shown) -> AsyncIterator[None]:
    yield
    await shown.shop.run(lambda tx: shown.services.catalog.categories.create(tx, NewCategory(name="Tea")))


async def category_deleted(shown: Shown) -> AsyncIterator[None]:
    made = await shown.shop.run(lambda tx: shown.services.catalog.categories.create(tx, NewCategory(name="Tea")))
    yield
    await shown.shop.run(lambda tx: shown.services.catalog.categories.delete(tx, made.id))


async def company_renamed(shown: Shown) -> AsyncIterator[None]:
    yield
    await shown.govern("rename_company", name="Another name")


async def company_closed(shown: Shown) -> AsyncIterator[None]:
    yield
    await shown.govern("deactivate_company")


async def company_opened(shown: Shown) -> AsyncIterator[None]:
    await shown.govern("deactivate_company")
    yield
    await shown.govern("activate_company")


async def stock_adjusted(shown: Shown) -> AsyncIterator[None]:
    yield
    await shown.shop.run(lambda tx: shown.services.inventory.ledger.set(tx, [StockCount(SKU, 2)]))


async def stock_reserved(shown: Shown) -> AsyncIterator[None]:
    buyer = await shown.shop.customer()
    await shown.shop.fill(buyer, (SKU, 1))
    yield
    await shown.shop.place(buyer)


async def stock_released(shown: Shown) -> AsyncIterator[None]:
    buyer = await shown.shop.customer()
    order = await shown.shop.buy(buyer, (SKU, 1))
    yield
    await shown.services.order.cancel_order(shown.shop.database, buyer, order.id)


async def limit_backorders(shown: Shown) -> None:
    """Let orders wait for five units."""
    await shown.shop.run(lambda tx: shown.services.inventory.backorders.update(tx, SKU, {"limit": 5}))


async def buyer_of_missing_units(shown: Shown) -> Actor:
    """A buyer with units in the cart of which none are in stock, and for which an order would wait."""
    await limit_backorders(shown)
    await shown.shop.run(lambda tx: shown.services.inventory.ledger.set(tx, [StockCount(SKU, 0)]))
    buyer = await shown.shop.customer()
    await shown.shop.fill(buyer, (SKU, 2))
    return buyer


async def backorder_terms_updated(shown: Shown) -> AsyncIterator[None]:
    yield
    await limit_backorders(shown)


async def backorder_created(shown: Shown) -> AsyncIterator[None]:
    buyer = await buyer_of_missing_units(shown)
    yield
    await shown.shop.place(buyer)


async def backorder_cancelled(shown: Shown) -> AsyncIterator[None]:
    buyer = await buyer_of_missing_units(shown)
    order = (await shown.shop.place(buyer)).order
    yield
    await shown.services.order.cancel_order(shown.shop.database, buyer, order.id)


async def sale(shown: Shown, **given: Any) -> Any:
    """A promotion without a code."""
    tenth = {"code": None, "name": "Sale", "is_automatic": True, "discount_value": Decimal(10)}
    return await shown.shop.promotion(**tenth, **given)


async def promotion_created(shown: Shown) -> AsyncIterator[None]:
    yield
    await sale(shown)


async def promotion_updated(shown: Shown) -> AsyncIterator[None]:
    made = await sale(shown)
    yield
    changes = {"discount_value": Decimal(20)}
    await shown.shop.run(lambda tx: shown.services.promotion.update_promotion(tx, made.id, changes))


async def promotion_deleted(shown: Shown) -> AsyncIterator[None]:
    made = await sale(shown)
    yield
    await shown.shop.run(lambda tx: shown.services.promotion.delete_promotion(tx, made.id))


async def promotion_used_up(shown: Shown) -> AsyncIterator[None]:
    await sale(shown, max_usage_count=1)
    buyer = await shown.shop.customer()
    await shown.shop.fill(buyer, (SKU, 1))
    yield
    await shown.shop.place(buyer)


async def review_created(shown: Shown) -> AsyncIterator[None]:
    author = await shown.shop.customer()
    yield
    await shown.shop.run(lambda tx: shown.services.review.create(tx, author, shown.product_id, SECOND), author)


async def review_updated(shown: Shown) -> AsyncIterator[None]:
    yield
    await shown.shop.run(
        lambda tx: shown.services.review.update(tx, shown.author, shown.review_id, SECOND), shown.author
    )


async def review_moderated(shown: Shown) -> AsyncIterator[None]:
    yield
    await shown.shop.run(lambda tx: shown.services.review.hide(tx, shown.review_id))


async def review_deleted(shown: Shown) -> AsyncIterator[None]:
    yield
    await shown.shop.run(lambda tx: shown.services.review.delete(tx, shown.author, shown.review_id), shown.author)


async def user_updated(shown: Shown) -> AsyncIterator[None]:
    """In another company, whose customer the author is too."""
    author = Actor(shown.author.kind, shown.elsewhere, user_id=shown.author.user_id)
    yield
    await shown.shop.run(
        lambda tx: shown.services.account.profile.update(tx, author, {"first_name": "Augusta"}), author
    )


async def user_erased(shown: Shown) -> AsyncIterator[None]:
    yield
    await personal_data(shown.shop).erase(shown.email)


async def user_erased_in_the_company(shown: Shown) -> AsyncIterator[None]:
    root, reader = super_administrator(shown.shop.company_id), shown.shop.database.reader(None)
    company = await shown.services.company.get_company(reader, root, shown.shop.company_id)
    yield
    await personal_data(shown.shop).erase(shown.email, company)


async def user_merged(shown: Shown) -> AsyncIterator[None]:
    kept = await register(shown.shop)
    # Reviews show the first name and an initial, which two people may have in common.
    await shown.shop.owner.execute("update users set first_name = 'Bea' where id = $1", kept.user_id)
    yield
    await personal_data(shown.shop).merge(shown.email, kept.email)


def settings(domain: str, **changes: Any) -> Change:
    async def settings_updated(shown: Shown) -> AsyncIterator[None]:
        yield
        service = getattr(shown.services, domain).settings
        given = (changes,) if domain == "payment" else (changes, "EUR")
        await shown.shop.run(lambda tx: service.update(tx, *given))

    return settings_updated


SINGLE_CHANGES: Final[Sequence[tuple[str, Change]]] = (
    ("product.created", product_created),
    ("product.updated", product_updated),
    ("product.updated", product_hidden),
    ("product.deleted", product_deleted),
    ("product.availability_changed", availability_changed),
    ("category.changed", category_changed),
    ("category.deleted", category_deleted),
    ("company.updated", company_renamed),
    ("company.deactivated", company_closed),
    ("company.activated", company_opened),
    ("inventory.adjusted", stock_adjusted),
    ("inventory.reserved", stock_reserved),
    ("inventory.released", stock_released),
    ("inventory.backorder_terms_updated", backorder_terms_updated),
    ("inventory.backorder_created", backorder_created),
    ("inventory.backorder_cancelled", backorder_cancelled),
    ("promotion.created", promotion_created),
    ("promotion.updated", promotion_updated),
    ("promotion.deleted", promotion_deleted),
    ("promotion.exhausted", promotion_used_up),
    ("review.created", review_created),
    ("review.updated", review_updated),
    ("review.moderated", review_moderated),
    ("review.deleted", review_deleted),
    ("user.updated", user_updated),
    ("user.erased", user_erased),
    ("user.erased", user_erased_in_the_company),
    ("user.merged", user_merged),
    ("cart.settings_updated", settings("cart", abandoned_after_hours=2)),
    ("catalog.settings_updated", settings("catalog", unit_price_decimals=3)),
    ("order.settings_updated", settings("order", max_order_units=5)),
    ("payment.settings_updated", settings("payment", invoice_payments=PaymentAudience.NOBODY)),
    ("returns.settings_updated", settings("returns", return_window_days=20)),
    ("tax.settings_updated", settings("tax", tax_rate=Decimal("0.07"))),
)
"""Changes with the topic of the event that tells of them."""
