"""The catalogue: categories, products, variants and views of one company."""

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from uuid import UUID

from domains.catalog import data, sql, unique_slugs, validation
from domains.catalog.categories import category_commands, tree
from domains.catalog.categories.attributes import AttributeRule, AttributeValue
from domains.catalog.categories.tree import CategoryFilter, CategoryNode, CategoryOrder
from domains.catalog.errors import ProductNotFound
from domains.catalog.imports import import_sql, product_import
from domains.catalog.imports.models import SlugWish
from domains.catalog.models import (
    Category,
    CategoryAttribute,
    CategoryChanges,
    NewCategory,
    NewProduct,
    NewVariant,
    Product,
    ProductAttribute,
    ProductChanges,
    ProductDraft,
    ProductSheet,
    SavedProduct,
    Variant,
    VariantChanges,
)
from domains.catalog.policy import sees_drafts
from domains.catalog.products import offers, price_sql, product_commands, views
from domains.catalog.products.offers import Offer, OfferKey
from domains.catalog.products.ratings import Ratings
from domains.catalog.search import facets, index, search, suggestions
from domains.catalog.search.facet_tokens import TokenKind
from domains.catalog.search.facets import Facets
from domains.catalog.search.listing import FoundProducts, ProductQuery
from domains.catalog.search.suggestions import Suggestions
from domains.catalog.settings import settings_table
from domains.catalog.slugs import slug_key
from domains.catalog.variants import skus, variant_commands
from domains.catalog.variants.skus import SkuOwner
from domains.company.errors import CompanyNotFound
from domains.company.service import CompanyService
from domains.kernel.actor import Actor
from domains.kernel.clock import Clock
from domains.kernel.database import Reader, Tx
from domains.kernel.pagination.keyset import Direction
from domains.kernel.pagination.pages import Page, PageArgs
from domains.kernel.settings import SettingsCache
from domains.kernel.values.money import UnitPrices


class CatalogService:
    """Runs the catalogue. Whether somebody may call a method, the API's field decides; what they see, this."""

    def __init__(self, company: CompanyService, cache: SettingsCache, clock: Clock) -> None:
        self._company = company
        self.settings = settings_table(cache)
        self._clock = clock
        self.ratings = Ratings()

    async def unit_prices(self, db: Reader) -> UnitPrices:
        """The currency of the handle's company, and how many decimals its unit prices may have.

        In a transaction, which may write prices, it takes one statement and neither can change until the transaction
        ends. Elsewhere both are remembered for a few seconds. Raises CompanyNotFound.
        """
        if not isinstance(db, Tx):
            company = await self._company.current(db)
            return UnitPrices.of(company.currency, (await self.settings.current(db)).unit_price_decimals)
        found = await price_sql.unit_prices_held(db)
        if found is None:
            raise CompanyNotFound
        return found

    async def _prices(self, tx: Tx, changes: Mapping[str, object]) -> UnitPrices | None:
        """What prices may be, held until the transaction ends; read only where one of them changes."""
        return await self.unit_prices(tx) if validation.PRICES & changes.keys() else None

    # ---- products

    async def find_product_by_slug(self, db: Reader, actor: Actor, slug: str) -> Product:
        """A product by its slug. Raises ProductNotFound, also for an archived one and a draft to customers."""
        return self._seen(
            await sql.find_product(db, "slug", slug_key(slug), listed_only=not sees_drafts(actor)), slug
        )

    async def find_product(self, db: Reader, actor: Actor, product_id: UUID) -> Product:
        """A product by its id. Raises ProductNotFound, also for an archived one and a draft to customers."""
        found = await sql.find_product(db, "id", product_id, listed_only=not sees_drafts(actor))
        return self._seen(found, product_id)

    async def find_products(self, db: Reader, actor: Actor, query: ProductQuery, args: PageArgs) -> FoundProducts:
        """A page of the products that a query asks for; customers get listed products only. One statement.

        Raises InvalidInput for page arguments, cursors, lists and numbers that cannot be used, and TooLong.
        """
        return await search.find_products(db, query, args, listed_only=not sees_drafts(actor))

    async def search_products(self, db: Reader, actor: Actor, text: str, args: PageArgs) -> FoundProducts:
        """The products with these words, best first; the last word may be unfinished.

        Finds what resembles the words when nothing has them, by two more statements. Raises as `find_products`.
        """
        return await self.find_products(db, actor, ProductQuery(search=text), args)

    async def products_in(
        self, db: Reader, actor: Actor, category_ids: Sequence[UUID], args: PageArgs
    ) -> list[FoundProducts]:
        """The same page of each category's products, all below it included, newest first; one statement."""
        return await search.products_in(db, category_ids, args, listed_only=not sees_drafts(actor))

    async def count_facets(self, db: Reader, found: FoundProducts, kinds: Collection[TokenKind]) -> Facets:
        """How many of the found products have each value of these facets, each as if nothing were chosen of it."""
        return await facets.count_facets(db, found.selection, kinds)

    async def suggest(self, db: Reader, text: str, take: int) -> Suggestions:
        """At most `take` (1 to 20) products, categories and whole searches for a text being typed. Raises TooLong."""
        return await suggestions.suggest(db, text, take)

    async def reindex_outdated(self, tx: Tx) -> int:
        """Index some products anew that an earlier version indexed; how many, 0 when all are done. For a job."""
        return await index.reindex_outdated(tx)

    async def tidy_terms(self, tx: Tx) -> int:
        """Forget the words that no product has any more, so that no search is corrected to them; how many."""
        return await index.tidy(tx)

    async def products_by_id(self, db: Reader, actor: Actor, ids: Collection[UUID]) -> list[Product]:
        """The products of these ids that the actor may see, in no order; staff get archived ones too."""
        return await sql.find_products(db, ids, listed_only=not sees_drafts(actor))

    async def create_product(self, tx: Tx, given: NewProduct) -> Product:
        """Make a product in the company's currency, with its attributes and variants.

        Raises, of all fields at once, CategoryNotFound, SlugTaken, SkuTaken, SkuRepeated, AttributeMissing,
        AttributeInvalid, PriceBelowZero, OptionsTaken, NotAllowed (its own SKU beside variants), Required, TooLong,
        InvalidInput. Emits ProductCreated.
        """
        return await product_commands.create(tx, await self.unit_prices(tx), given)

    async def update_product(self, tx: Tx, product_id: UUID, changes: ProductChanges) -> Product:
        """Change a product; given attributes replace all it had, and must answer to its (new) category.

        The slug stays when the name changes, so that links live on. Raises as `create_product`, and ProductNotFound.
        Emits ProductUpdated.
        """
        return await product_commands.update(tx, await self._prices(tx, changes), product_id, changes)

    async def delete_product(self, tx: Tx, product_id: UUID) -> None:
        """Archive a product: nobody finds or buys it any more, slug and SKUs stay taken, orders whole.

        Raises ProductNotFound. Emits ProductDeleted.
        """
        await product_commands.archive(tx, self._clock, product_id)

    async def publish_product(self, tx: Tx, product_id: UUID) -> Product:
        """Show a product to customers. Raises ProductNotFound. Emits ProductUpdated."""
        return await product_commands.update(tx, None, product_id, {"is_active": True})

    async def unpublish_product(self, tx: Tx, product_id: UUID) -> Product:
        """Hide a product from customers. Raises ProductNotFound. Emits ProductUpdated."""
        return await product_commands.update(tx, None, product_id, {"is_active": False})

    async def set_attributes(self, tx: Tx, product_id: UUID, attributes: Sequence[AttributeValue]) -> Product:
        """Replace the attributes of a product. Raises ProductNotFound, AttributeMissing, AttributeInvalid."""
        field = ("product_id",)
        return await product_commands.update(tx, None, product_id, {"attributes": attributes}, field=field)

    async def attributes_of(self, db: Reader, product_ids: Collection[UUID]) -> list[ProductAttribute]:
        """The attributes of products, in the order they were given."""
        where: data.ProductAttributeWhere = {"product_id": {"in": list(product_ids)}}
        return await data.product_attribute.find_many(db, where=where, order_by=[{"id": "asc"}])

    async def save_products(self, tx: Tx, drafts: Sequence[ProductDraft]) -> list[SavedProduct]:
        """Make the shop hold what drafts of different slugs say, in the company's currency; one outcome a draft.

        Products are matched by slug (an archived one comes back), variants by SKU; what a draft does not name stays.
        Categories are found by their names, and made where there are none. A draft that does not go with what is
        stored is refused by itself. A fixed number of statements, however many drafts. Emits ProductCreated,
        ProductUpdated, CategoryChanged.
        """
        return await product_import.save_products(tx, await self.unit_prices(tx), drafts)

    async def products_after(self, db: Reader, slug: str, *, take: int) -> list[ProductSheet]:
        """The next products in the order of slugs, archived ones left out. Two statements."""
        return await import_sql.products_after(db, slug, take)

    # ---- variants

    async def variants_of(self, db: Reader, actor: Actor, product_ids: Collection[UUID]) -> list[Variant]:
        """The variants of products in display order; for customers those that are active."""
        return await sql.find_variants(db, product_ids, active_only=not sees_drafts(actor))

    async def variants_by_id(self, db: Reader, actor: Actor, ids: Collection[UUID]) -> list[Variant]:
        """The variants of these ids, in no order; for customers those that are active. One statement."""
        return await sql.find_variants_by_id(db, ids, active_only=not sees_drafts(actor))

    async def create_variant(self, tx: Tx, product_id: UUID, given: NewVariant) -> Variant:
        """Add a variant to a product.

        Raises ProductNotFound, and of all fields at once NotAllowed (the product has an SKU of its own), SkuTaken,
        OptionsTaken, PriceBelowZero; before these Required, TooLong, InvalidInput. Emits ProductUpdated.
        """
        return await variant_commands.create(tx, await self.unit_prices(tx), product_id, given)

    async def update_variant(self, tx: Tx, variant_id: UUID, changes: VariantChanges) -> Variant:
        """Change a variant. Raises VariantNotFound, and as `create_variant`. Emits ProductUpdated."""
        return await variant_commands.update(tx, await self._prices(tx, changes), variant_id, changes)

    async def delete_variant(self, tx: Tx, variant_id: UUID) -> UUID:
        """Delete a variant that was never stocked or sold; its product's id.

        Raises VariantNotFound, VariantInUse. Emits ProductUpdated.
        """
        return await variant_commands.delete(tx, variant_id)

    async def slugs_for(self, tx: Tx, wishes: Sequence[SlugWish]) -> list[str]:
        """A slug for each product of an import that names its products by SKU; see `unique_slugs.slugs_for`."""
        return await unique_slugs.slugs_for(tx, wishes)

    async def sku_owners(self, db: Reader, skus_: Collection[str]) -> list[SkuOwner]:
        """What these SKUs stand for; an unknown one is left out. One statement."""
        return await skus.owners(db, skus_)

    async def skus_of(self, db: Reader, product_ids: Collection[UUID]) -> list[SkuOwner]:
        """What is sold of products: their variants, or themselves (then perhaps without a SKU: ""). One statement."""
        return await skus.owners_in(db, product_ids)

    async def offers(self, db: Reader, keys: Collection[OfferKey]) -> dict[OfferKey, Offer]:
        """What these products and variants are, cost, and whether customers can buy them; unknown ones left out.

        One statement, none without keys.
        """
        return await offers.find(db, keys)

    # ---- categories

    async def get_category_tree(self, db: Reader, actor: Actor) -> list[CategoryNode]:
        """The tree of categories from its roots, in display order; for customers the active part. One statement."""
        return await tree.tree(db, actor)

    async def categories_by_id(self, db: Reader, ids: Collection[UUID]) -> list[Category]:
        """The categories of these ids, in no order: where visible products and categories stand."""
        return await data.category.find_many(db, where={"id": {"in": list(ids)}})

    async def find_category(
        self, db: Reader, actor: Actor, *, id: UUID | None = None, slug: str | None = None
    ) -> Category:
        """A category by its id or slug. Raises CategoryNotFound, also for a hidden one to customers."""
        return await tree.category(db, actor, id=id, slug=slug)

    async def find_categories(
        self,
        db: Reader,
        actor: Actor,
        args: PageArgs,
        wanted: CategoryFilter,
        order: CategoryOrder = "display_order",
        direction: Direction = "asc",
    ) -> Page[Category]:
        """One page of the categories that the actor may see."""
        return await tree.category_page(db, actor, args, wanted, order, direction)

    async def children_of(self, db: Reader, actor: Actor, category_ids: Sequence[UUID]) -> list[Category]:
        """The categories right below others, in display order; for customers the active ones."""
        return await tree.children(db, actor, category_ids)

    async def attributes_in_force(
        self, db: Reader, category_ids: Collection[UUID]
    ) -> dict[UUID, list[CategoryAttribute]]:
        """What categories ask of their products, inherited attributes included; two statements."""
        return await tree.attributes_in_force(db, category_ids)

    async def create_category(self, tx: Tx, given: NewCategory) -> Category:
        """Make a category.

        Raises, of all fields at once, CategoryNotFound (the parent), SlugTaken, Required, TooLong, and InvalidInput
        (for more than 20 levels too). Emits CategoryChanged.
        """
        return await category_commands.create(tx, given)

    async def update_category(self, tx: Tx, category_id: UUID, changes: CategoryChanges) -> Category:
        """Change a category; one that is not active hides all below it. Raises CategoryNotFound, SlugTaken.

        Emits CategoryChanged.
        """
        return await category_commands.update(tx, category_id, changes)

    async def move_category(self, tx: Tx, category_id: UUID, parent_id: UUID | None) -> Category:
        """Put a category, with all below it, under another or (None) at the root.

        Moves of one company wait for each other, so two of them cannot make a cycle. Products keep their attributes;
        what the new ancestors require is asked at their next change. Raises CategoryNotFound, CategoryCycle,
        InvalidInput (more than 20 levels). Emits CategoryChanged.
        """
        return await category_commands.move(tx, category_id, parent_id)

    async def delete_category(
        self, tx: Tx, category_id: UUID, *, move_products_to: UUID | None = None, held_by: Sequence[str] = ()
    ) -> None:
        """Delete a category that has no sub-categories, nor products (unless they go to another category).

        `held_by` is what else holds it, as other domains say it, sentence by sentence. Raises CategoryNotFound, and
        CategoryInUse with all of what holds it. Emits CategoryDeleted.
        """
        await category_commands.delete(tx, category_id, move_products_to=move_products_to, held_by=held_by)

    async def category_attributes(self, db: Reader, category_ids: Collection[UUID]) -> list[CategoryAttribute]:
        """The attributes that categories ask for themselves, without inherited ones, by name."""
        where: data.CategoryAttributeWhere = {"category_id": {"in": list(category_ids)}}
        return await data.category_attribute.find_many(db, where=where, order_by=[{"name": "asc"}])

    async def create_category_attribute(
        self, tx: Tx, category_id: UUID, given: AttributeRule, *, unit: str | None = None
    ) -> CategoryAttribute:
        """Ask an attribute of a category's products, and of all categories below it.

        Products that exist are asked at their next change. Raises CategoryNotFound, AttributeNameTaken, InvalidInput.
        """
        return await category_commands.create_attribute(tx, category_id, given, unit)

    async def update_category_attribute(
        self, tx: Tx, attribute_id: UUID, given: AttributeRule, *, unit: str | None = None
    ) -> CategoryAttribute:
        """Change what is asked; a new name is written into the products, other changes are asked at their next one.

        Raises CategoryAttributeNotFound, AttributeNameTaken, InvalidInput.
        """
        return await category_commands.update_attribute(tx, attribute_id, given, unit)

    async def delete_category_attribute(self, tx: Tx, attribute_id: UUID) -> UUID:
        """Ask it no more; products keep what they answered. The category's id. Raises CategoryAttributeNotFound."""
        return await category_commands.delete_attribute(tx, attribute_id)

    # ---- views and stock

    async def record_views(self, tx: Tx, counts: Mapping[UUID, int]) -> None:
        """Append views of products; unknown ids are ignored. No product's row is written.

        Raises InvalidInput for a count outside 1 to 1,000,000.
        """
        await views.record(tx, counts)

    async def fold_views(self, tx: Tx) -> int:
        """Move a batch of appended views into the products' counts and popularity, each once; how many views."""
        return await views.fold(tx)

    async def project_stock(
        self,
        tx: Tx,
        product_ids: Sequence[UUID],
        read: Callable[[Reader, Sequence[UUID]], Awaitable[dict[UUID, bool]]],
    ) -> None:
        """Show which products are in stock, as `read` finds it once the search rows are held.

        Of two that run at once the later therefore reads the newer stock, in whatever order the events came.
        """
        await sql.lock_search_rows(tx, product_ids)
        await index.set_in_stock(tx, await read(tx, product_ids))

    async def reindex(self, tx: Tx, product_ids: Sequence[UUID]) -> None:
        """Write again what products are searched by."""
        await index.reindex(tx, product_ids)

    @staticmethod
    def _seen(product: Product | None, key: UUID | str) -> Product:
        if product is None:
            raise ProductNotFound(key)
        return product
