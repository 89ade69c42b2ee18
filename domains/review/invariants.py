"""Rules over all reviews that no constraint can express, for `commerce doctor`."""

from typing import Final

from domains.catalog.fragments import PRODUCT_RATINGS
from domains.kernel.invariants import Invariant
from domains.kernel.text.stored_texts import TextColumns, normalized_texts

INVARIANTS: Final = (
    Invariant(
        "A product's rating sum and review count are those of its published reviews",
        f"""
        select p.company_id, p.slug, p.rating_sum, p.review_count, r.sum, r.count from {PRODUCT_RATINGS} p left join (
          select company_id, product_id, sum(rating) as sum, count(*) as count
          from reviews where status = 'PUBLISHED' group by company_id, product_id
        ) r on r.company_id = p.company_id and r.product_id = p.id
        where p.rating_sum <> coalesce(r.sum, 0) or p.review_count <> coalesce(r.count, 0) limit 20
        """,  # noqa: S608 - a fragment of the catalog
        "Reviews were written without the review domain. Set rating_sum and review_count of the product to `sum` and "
        "`count`.",
    ),
    Invariant(
        "A review is verified exactly when its author has bought the product",
        """
        select r.company_id, r.id, r.product_id, r.user_id, r.is_verified_purchase
        from reviews r
        where r.is_verified_purchase <> exists (
          select from product_purchases p
          where p.company_id = r.company_id and p.product_id = r.product_id and p.user_id = r.user_id) limit 20
        """,
        "Reviews or purchases were written without the review domain. Invert is_verified_purchase of these reviews.",
    ),
    Invariant(
        "A review's helpful count is the number of its votes",
        """
        select r.company_id, r.id, r.helpful_count, count(v.user_id) as votes
        from reviews r left join review_votes v on v.company_id = r.company_id and v.review_id = r.id
        group by r.id having r.helpful_count <> count(v.user_id) limit 20
        """,
        "Votes were written without the review domain. Set helpful_count of the review to `votes`.",
    ),
)
TEXTS: Final = (TextColumns(table="reviews", texts=("title", "comment")),)
ROW_INVARIANTS: Final = (normalized_texts("reviews", TEXTS),)
