"""The root fields of the catalog domain."""

from typing import Final

from gateway.graphql.catalog.category_mutations import CategoryMutation
from gateway.graphql.catalog.listing import ProductListQuery
from gateway.graphql.catalog.product_mutations import ProductMutation
from gateway.graphql.catalog.queries import CatalogQuery
from gateway.graphql.catalog.review_mutations import ReviewMutation

QUERIES: Final = (ProductListQuery, CatalogQuery)
MUTATIONS: Final = (CategoryMutation, ProductMutation, ReviewMutation)
