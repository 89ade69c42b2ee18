"""The root fields and nodes of the catalog domain."""

from typing import Final

from gateway.graphql.catalog.category_mutations import CategoryMutation
from gateway.graphql.catalog.listing import ProductListQuery
from gateway.graphql.catalog.nodes import NODES
from gateway.graphql.catalog.presence import ProductPresenceQuery, ProductPresenceSubscription
from gateway.graphql.catalog.product_mutations import ProductMutation
from gateway.graphql.catalog.queries import CatalogQuery
from gateway.graphql.catalog.subscriptions import CatalogSubscription

__all__ = ["MUTATIONS", "NODES", "QUERIES", "SUBSCRIPTIONS"]

QUERIES: Final = (ProductListQuery, CatalogQuery, ProductPresenceQuery)
MUTATIONS: Final = (CategoryMutation, ProductMutation)
SUBSCRIPTIONS: Final = (CatalogSubscription, ProductPresenceSubscription)
