"""The root fields of the promotion domain."""

from typing import Final

from gateway.graphql.promotion.mutations import PromotionMutation
from gateway.graphql.promotion.queries import PromotionQuery

QUERIES: Final = (PromotionQuery,)
MUTATIONS: Final = (PromotionMutation,)
