"""The catalog of a company: its service, and the parts that the service is made of."""

from uuid import UUID

from domains.catalog import data
from domains.catalog.categories.categories import Categories
from domains.catalog.categories.category_attributes import CategoryAttributes
from domains.catalog.categories.tree import CategoryNode, build_tree
from domains.catalog.documents.live_values import LiveValues
from domains.catalog.documents.products import ShownProduct
from domains.catalog.documents.reader import NOTHING_LIVE, ProductReader, Reading, ReadingSettings
from domains.catalog.errors import ProductNotFound
from domains.catalog.events import ProductDeleted
from domains.catalog.imports.product_import import Imports
from domains.catalog.models import NewProduct, Product, ProductChanges
from domains.catalog.policy import sees_drafts, sees_hidden_categories
from domains.catalog.products import product_commands
from domains.catalog.products.offers import Offers
from domains.catalog.products.products import Products
from domains.catalog.products.ratings import Ratings
from domains.catalog.products.unit_prices import UnitPriceRules
from domains.catalog.products.views import Views
from domains.catalog.search import index
from domains.catalog.search.facets import FacetCounter
from domains.catalog.search.listing import FoundProducts, ProductQuery
from domains.catalog.search.rare_searches import RareSearches
from domains.catalog.search.search import Search
from domains.catalog.search.suggestions import SuggestionSearch
from domains.catalog.settings import settings_table
from domains.catalog.slugs import normalize_slug
from domains.catalog.variants.skus import Skus
from domains.catalog.variants.variants import Variants
from domains.company.service import CompanyService
from domains.kernel.actor import Actor
from domains.kernel.clock import Clock
from domains.kernel.database import Reader, Tx
from domains.kernel.pagination.pages import PageArgs
from domains.kernel.settings import SettingsCache


class CatalogService:
    """Finds and changes the products of a company.

    The API's fields check who may call a method; the methods decide what a caller sees.
    """

    def __init__(self, company: CompanyService, cache: SettingsCache, clock: Clock, reading: ReadingSettings) -> None:
        self._clock = clock
        self.reader = reader = ProductReader(reading)
        self.settings = settings_table(cache)
        self.unit_prices = UnitPriceRules(company, self.settings)
        self.products = Products(reader)
        self.variants = Variants(self.unit_prices, reader)
        self.categories = Categories()
        self.attributes = CategoryAttributes()
        self.search = Search(reader, RareSearches(clock))
        self.facets = FacetCounter()
        self.suggestions = SuggestionSearch(reader)
        self.skus = Skus()
        self.offers = Offers()
        self.views = Views()
        self.ratings = Ratings()
        self.imports = Imports(self.unit_prices)

    async def find_product_by_slug(
        self, db: Reader, actor: Actor, slug: str, live: LiveValues = NOTHING_LIVE
    ) -> ShownProduct:
        """A product by its slug. Raises ProductNotFound, also for an archived one and, to customers, for a draft."""
        found = await self.reader.find(db, "slug", normalize_slug(slug), with_drafts=sees_drafts(actor), live=live)
        if found is None:
            raise ProductNotFound(slug)
        return found

    async def find_products(
        self, db: Reader, actor: Actor, query: ProductQuery, args: PageArgs, live: LiveValues = NOTHING_LIVE
    ) -> FoundProducts:
        """A page of the products that match a query; customers get listed products only. One statement.

        One more reads the documents that are not remembered. A search whose words match nothing takes two more, for
        products with similar words. Raises InvalidInput for contradictory page arguments, CursorInvalid, TooMany,
        OutOfRange, RangeInverted and TooLong.
        """
        return await self.search.find(db, query, args, Reading(self.reader, sees_drafts(actor), live))

    async def search_products(self, db: Reader, actor: Actor, text: str, args: PageArgs) -> FoundProducts:
        """The products with these words, best first; the last word may be incomplete. Raises as `find_products`."""
        return await self.find_products(db, actor, ProductQuery(search=text), args)

    async def create_product(self, tx: Tx, given: NewProduct) -> Product:
        """Create a product in the company's currency, with its attributes and variants.

        Raises, of all fields at once, CategoryNotFound, SlugTaken, SkuTaken, SkuRepeated, AttributeMissing,
        AttributeInvalid, PriceBelowZero, OptionsTaken, SkuOnProduct, and what `validation.normalize_fields` raises.
        Emits ProductCreated.
        """
        return await product_commands.create(tx, await self.unit_prices.current(tx), given)

    async def update_product(self, tx: Tx, product_id: UUID, changes: ProductChanges) -> Product:
        """Update a product; given attributes replace all others, and must be valid in its (new) category.

        The slug stays when the name changes, so that links keep working. Raises as `create_product`, and
        ProductNotFound. Emits ProductUpdated, PriceChanged.
        """
        prices = await self.unit_prices.for_changes(tx, changes)
        return await product_commands.update(tx, prices, product_id, changes)

    async def delete_product(self, tx: Tx, product_id: UUID) -> None:
        """Archive a product: it can no longer be found or bought, its slug and SKUs stay taken, orders keep it.

        Its tax class and its shipping profile can then be deleted.

        Raises ProductNotFound. Emits ProductDeleted.
        """
        await product_commands.lock(tx, product_id)
        archived: data.ProductUpdate = {"archived_at": self._clock.now(), "is_active": False}
        archived |= {"tax_class_id": None, "shipping_profile_id": None}
        await data.product.update(tx, id=product_id, data=archived)
        await index.reindex(tx, [product_id])
        tx.emit(ProductDeleted(product_id=product_id))

    async def get_category_tree(self, db: Reader, actor: Actor) -> list[CategoryNode]:
        """The tree of categories from its roots, in display order. One statement.

        Customers get no inactive category and nothing below one.
        """
        rows = await data.category.find_many(db, order_by=[{"display_order": "asc"}, {"name": "asc"}, {"id": "asc"}])
        sees_all = sees_hidden_categories(actor)
        return build_tree([row for row in rows if row.is_active or sees_all])
