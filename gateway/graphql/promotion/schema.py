"""The root fields and nodes of the promotion domain."""

from typing import Final

from gateway.graphql.promotion.mutations import PromotionMutation
from gateway.graphql.promotion.nodes import NODES
from gateway.graphql.promotion.queries import PromotionQuery

__all__ = ["MUTATIONS", "NODES", "QUERIES"]

QUERIES: Final = (PromotionQuery,)
MUTATIONS: Final = (PromotionMutation,)
