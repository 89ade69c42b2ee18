"""Reviews: sums and counts are exact after parallel writes, votes and moderation."""

import asyncio
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from domains.catalog.errors import ProductNotFound
from domains.catalog.models import Product
from domains.catalog.service import CatalogService
from domains.kernel.actor import Actor
from domains.kernel.database import Database, Reader, Tx
from domains.kernel.errors import InvalidInput, Unauthenticated
from domains.kernel.ids import new_id
from domains.kernel.monitoring.statement_counts import counting
from domains.kernel.pagination.pages import PageArgs
from domains.kernel.text.validation import TooLong
from domains.review.errors import AlreadyReviewed, OwnReview, ReviewNotFound
from domains.review.events import ReviewDeleted, ReviewModerated, ReviewUpdated
from domains.review.models import Review, ReviewFilter, ReviewStatus
from domains.review.service import ReviewService
from tests.domains.catalog.conftest import MakeCustomer, MakeProduct


@pytest.fixture
def reviews(catalog: CatalogService) -> ReviewService:
    return ReviewService(catalog)


@pytest.fixture
def write(database: Database, reviews: ReviewService) -> Any:
    async def write(author: Actor, product: Product, rating: int = 4, **given: Any) -> Review:
        async def work(tx: Tx) -> Review:
            return await reviews.create(tx, author, product.id, {"rating": rating, **given})  # type: ignore[typeddict-item] # given by the test

        return await database.run(work, author)

    return write


async def totals(reader: Reader, product: Product) -> tuple[int, int, Decimal]:
    row = await reader.fetch_row(
        "select rating_sum, review_count, s.rating from products p join product_search s on s.product_id = p.id "
        "where p.company_id = $1 and p.id = $2",
        reader.company_id,
        product.id,
    )
    assert row is not None
    return row["rating_sum"], row["review_count"], row["rating"]


async def test_many_parallel_reviews_are_all_counted(
    make_product: MakeProduct, make_customer: MakeCustomer, write: Any, reader: Reader
) -> None:
    product = await make_product()
    customers = [await make_customer() for _ in range(8)]

    await asyncio.gather(*(write(customer, product, 1 + index % 5) for index, customer in enumerate(customers)))

    assert await totals(reader, product) == (1 + 2 + 3 + 4 + 5 + 1 + 2 + 3, 8, Decimal("2.63"))


async def test_parallel_reviews_of_one_customer_create_one(
    make_product: MakeProduct, make_customer: MakeCustomer, write: Any, reader: Reader
) -> None:
    product, customer = await make_product(), await make_customer()

    outcomes = await asyncio.gather(*(write(customer, product, 5) for _ in range(5)), return_exceptions=True)

    assert sorted(type(outcome).__name__ for outcome in outcomes) == [*["AlreadyReviewed"] * 4, "ReviewRow"]
    assert await totals(reader, product) == (5, 1, Decimal(5))


async def test_changing_hiding_and_deleting_update_the_sum(
    make_product: MakeProduct,
    make_customer: MakeCustomer,
    write: Any,
    reader: Reader,
    reviews: ReviewService,
    database: Database,
    actor: Actor,
) -> None:
    product, author = await make_product(), await make_customer()
    await write(await make_customer(), product, 5)
    review = await write(author, product, 2)
    assert await totals(reader, product) == (7, 2, Decimal("3.5"))

    await database.run(lambda tx: reviews.update(tx, author, review.id, {"rating": 3}), author)
    assert await totals(reader, product) == (8, 2, Decimal(4))
    for _ in range(2):
        await database.run(lambda tx: reviews.hide(tx, review.id), actor)
    assert await totals(reader, product) == (5, 1, Decimal(5))
    await database.run(lambda tx: reviews.update(tx, author, review.id, {"rating": 1}), author)
    assert await totals(reader, product) == (5, 1, Decimal(5))
    for _ in range(2):
        await database.run(lambda tx: reviews.approve(tx, review.id), actor)
    assert await totals(reader, product) == (6, 2, Decimal(3))
    await database.run(lambda tx: reviews.delete(tx, author, review.id), author)
    assert await totals(reader, product) == (5, 1, Decimal(5))
    with pytest.raises(ReviewNotFound):
        await database.run(lambda tx: reviews.delete(tx, author, review.id), author)


async def test_parallel_hiding_changing_and_deleting_keep_the_sum_correct(
    make_product: MakeProduct,
    make_customer: MakeCustomer,
    write: Any,
    reader: Reader,
    reviews: ReviewService,
    database: Database,
    actor: Actor,
) -> None:
    product = await make_product()
    authors = [await make_customer() for _ in range(4)]
    rows = [await write(author, product, 3) for author in authors]

    await asyncio.gather(
        *(
            database.run(work, who)
            for author, row in zip(authors, rows, strict=True)
            for who, work in (
                (author, lambda tx, a=author, r=row: reviews.update(tx, a, r.id, {"rating": 5})),
                (actor, lambda tx, r=row: reviews.hide(tx, r.id)),
                (actor, lambda tx, r=row: reviews.approve(tx, r.id)),
                (author, lambda tx, a=author, r=row: reviews.delete(tx, a, r.id)),
            )
        ),
        return_exceptions=True,
    )

    shown = await reader.fetch_row(
        "select coalesce(sum(rating), 0)::int, count(*)::int from reviews "
        "where company_id = $1 and product_id = $2 and status = 'PUBLISHED'",
        reader.company_id,
        product.id,
    )
    assert shown is not None
    assert (await totals(reader, product))[:2] == tuple(shown)


async def test_a_vote_counts_once_per_user_and_can_be_withdrawn(
    make_product: MakeProduct,
    make_customer: MakeCustomer,
    write: Any,
    reviews: ReviewService,
    database: Database,
    reader: Reader,
) -> None:
    author, voters = await make_customer(), [await make_customer() for _ in range(4)]
    review = await write(author, await make_product())

    async def vote(voter: Actor, *, is_helpful: bool = True) -> Review:
        return await database.run(lambda tx: reviews.vote(tx, voter, review.id, is_helpful=is_helpful), voter)

    await asyncio.gather(*(vote(voter) for voter in voters for _ in range(3)))
    assert (await reviews.find(reader, author, review.id)).helpful_count == 4
    await asyncio.gather(*(vote(voters[0], is_helpful=False) for _ in range(3)))
    assert (await reviews.find(reader, author, review.id)).helpful_count == 3
    with pytest.raises(OwnReview):
        await vote(author)


async def test_a_buyers_review_is_verified_before_and_after_the_order(
    make_product: MakeProduct,
    make_customer: MakeCustomer,
    write: Any,
    reviews: ReviewService,
    database: Database,
    reader: Reader,
    actor: Actor,
) -> None:
    product, buyer, early = await make_product(), await make_customer(), await make_customer()
    written = await write(early, product)
    assert not written.is_verified_purchase

    async def buy(tx: Tx) -> None:
        for user in (buyer, early):
            assert user.user_id is not None
            await reviews.purchases.record(tx, user_id=user.user_id, order_id=new_id(), product_ids=[product.id])

    await database.run(buy, actor)

    assert (await write(buyer, product)).is_verified_purchase
    assert (await reviews.find(reader, early, written.id)).is_verified_purchase


async def test_a_review_written_during_the_order_event_is_verified(
    make_product: MakeProduct, make_customer: MakeCustomer, reviews: ReviewService, write: Any, database: Database
) -> None:
    product = await make_product()
    for _ in range(10):
        buyer = await make_customer()
        assert buyer.user_id is not None
        bought = {"user_id": buyer.user_id, "order_id": new_id(), "product_ids": [product.id]}
        review, _ = await asyncio.gather(
            write(buyer, product),
            database.run(lambda tx, given=bought: reviews.purchases.record(tx, **given), buyer),  # type: ignore[misc]
        )
        found = await reviews.find(database.reader(buyer.company_id), buyer, review.id)
        assert found.is_verified_purchase


async def test_a_hidden_review_is_visible_to_its_author_and_moderators(
    make_product: MakeProduct,
    make_customer: MakeCustomer,
    write: Any,
    reviews: ReviewService,
    database: Database,
    reader: Reader,
    actor: Actor,
) -> None:
    author, other = await make_customer(), await make_customer()
    review = await write(author, await make_product())
    await database.run(lambda tx: reviews.hide(tx, review.id), actor)

    everyone = ReviewFilter(product_id=review.product_id)
    own = ReviewFilter(user_id=author.user_id)
    for who, wanted, found in (
        (other, everyone, []),
        (other, own, []),
        (author, own, [review.id]),
        (actor, everyone, [review.id]),
        (Actor.anonymous(actor.company_id), ReviewFilter(status=ReviewStatus.HIDDEN), []),
    ):
        page = await reviews.listing.find(reader, who, PageArgs(), wanted)
        assert [row.id for row in page.items] == found
    with pytest.raises(ReviewNotFound):
        await reviews.find(reader, other, review.id)
    with pytest.raises(ReviewNotFound):
        await database.run(lambda tx: reviews.vote(tx, other, review.id), other)


async def test_only_the_author_changes_a_review_and_only_known_products_have_reviews(
    make_product: MakeProduct,
    make_customer: MakeCustomer,
    write: Any,
    reviews: ReviewService,
    database: Database,
    catalog: CatalogService,
    actor: Actor,
    reader: Reader,
    other_company: UUID,
) -> None:
    product, author, other = await make_product(), await make_customer(), await make_customer()
    review = await write(author, product, 2)

    for attempt in (
        lambda tx: reviews.update(tx, other, review.id, {"rating": 5}),
        lambda tx: reviews.delete(tx, other, review.id),
    ):
        with pytest.raises(ReviewNotFound):
            await database.run(attempt, other)
    stranger = Actor.system(other_company)
    for elsewhere in (reviews.hide, reviews.approve):
        with pytest.raises(ReviewNotFound):
            await database.run(lambda tx, do=elsewhere: do(tx, review.id), stranger)  # type: ignore[misc] # a default binds the loop's value
    with pytest.raises(AlreadyReviewed):
        await write(author, product)
    with pytest.raises(Unauthenticated):
        await write(Actor.anonymous(actor.company_id), product)
    draft = await make_product(is_active=False)
    await database.run(lambda tx: catalog.delete_product(tx, product.id), actor)
    for hidden in (draft, product):
        with pytest.raises(ProductNotFound):
            await write(other, hidden)


@pytest.mark.parametrize(
    ("given", "error"),
    [
        ({"rating": 0}, InvalidInput),
        ({"rating": 6}, InvalidInput),
        ({"rating": -(2**31)}, InvalidInput),
        ({"title": "x" * 256}, TooLong),
        ({"comment": "x" * 1_000_000}, TooLong),
        ({"comment": "\x00"}, InvalidInput),
    ],
)
async def test_invalid_input_creates_no_review(
    make_product: MakeProduct, make_customer: MakeCustomer, write: Any, reader: Reader, given: Any, error: Any
) -> None:
    product = await make_product()

    with pytest.raises(error):
        await write(await make_customer(), product, **given)
    assert await totals(reader, product) == (0, 0, Decimal(0))


async def test_first_pages_of_many_products_execute_one_statement(
    make_product: MakeProduct,
    make_customer: MakeCustomer,
    write: Any,
    reviews: ReviewService,
    reader: Reader,
    actor: Actor,
) -> None:
    products = [await make_product() for _ in range(3)]
    customers = [await make_customer() for _ in range(3)]
    for product in products[:2]:
        for customer in customers:
            await write(customer, product)

    with counting() as count:
        pages = await reviews.listing.pages_by_product(
            reader, [(product.id, PageArgs(first=2)) for product in products]
        )

    assert [(len(page.items), page.has_next) for page in pages] == [(2, True), (2, True), (0, False)]
    assert count.data == 1
    following = PageArgs(first=2, after=pages[0].cursors[-1])
    (rest,) = await reviews.listing.pages_by_product(reader, [(products[0].id, following)])
    assert {row.id for row in [*pages[0].items, *rest.items]} == {
        row.id
        for row in (
            await reviews.listing.find(reader, actor, PageArgs(), ReviewFilter(product_id=products[0].id))
        ).items
    }


async def test_reviews_of_a_product_that_is_off_sale_are_hidden(
    make_product: MakeProduct,
    make_customer: MakeCustomer,
    write: Any,
    reviews: ReviewService,
    reader: Reader,
    catalog: CatalogService,
    database: Database,
    actor: Actor,
) -> None:
    product, author = await make_product(), await make_customer()
    review = await write(author, product)
    wanted = ReviewFilter(product_id=product.id)

    async def shown(who: Actor) -> list[UUID]:
        return [row.id for row in (await reviews.listing.find(reader, who, PageArgs(), wanted)).items]

    assert await shown(author) == [review.id]
    await database.run(lambda tx: catalog.products.unpublish(tx, product.id), actor)
    assert await shown(author) == []
    assert await shown(actor) == [review.id]


async def test_each_change_of_a_review_is_emitted_once(
    make_product: MakeProduct, make_customer: MakeCustomer, write: Any, reviews: ReviewService, database: Database
) -> None:
    product, author = await make_product(), await make_customer()
    review = await write(author, product, 2, title="Good")
    async with database.transaction(author) as tx:
        await reviews.update(tx, author, review.id, {"rating": 5, "title": "Good"})
        await reviews.update(tx, author, review.id, {"rating": 5})
        for _ in range(2):
            await reviews.hide(tx, review.id)
        await reviews.approve(tx, review.id)
        await reviews.delete(tx, author, review.id)
        of: dict[str, Any] = {"review_id": review.id, "product_id": product.id}
        assert tx.events == [
            ReviewUpdated(**of, rating=5, changed=["rating"]),
            ReviewModerated(**of, status="HIDDEN"),
            ReviewModerated(**of, status="PUBLISHED"),
            ReviewDeleted(**of),
        ]
