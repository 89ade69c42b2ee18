"""The root fields and nodes of the promotion domain."""

from typing import Final

from gateway.graphql.promotion.coupons.mutations import CouponMutation
from gateway.graphql.promotion.coupons.queries import CouponQuery
from gateway.graphql.promotion.mutations import PromotionMutation
from gateway.graphql.promotion.nodes import NODES
from gateway.graphql.promotion.queries import PromotionQuery
from gateway.graphql.promotion.segments.mutations import CustomerSegmentMutation
from gateway.graphql.promotion.segments.queries import CustomerSegmentQuery

__all__ = ["MUTATIONS", "NODES", "QUERIES"]

QUERIES: Final = (PromotionQuery, CouponQuery, CustomerSegmentQuery)
MUTATIONS: Final = (PromotionMutation, CouponMutation, CustomerSegmentMutation)
