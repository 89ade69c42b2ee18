"""The promotion domain's types that `node` finds."""

from typing import Final

from domains.promotion.domain import (
    COUPON_CODES,
    COUPON_USAGES,
    COUPONS,
    CUSTOMER_SEGMENT_MEMBERS,
    CUSTOMER_SEGMENTS,
    PROMOTIONS,
)
from gateway.graphql.core.nodes import AnyNodeType, NodeType
from gateway.graphql.promotion.coupons.loaders import load_coupon_codes, load_coupon_usages, load_coupons
from gateway.graphql.promotion.coupons.types import Coupon, CouponCode, CouponUsage
from gateway.graphql.promotion.loaders import load_promotions
from gateway.graphql.promotion.queries import MAY_READ
from gateway.graphql.promotion.segments.loaders import load_members, load_segments
from gateway.graphql.promotion.segments.types import CustomerSegment, CustomerSegmentMember
from gateway.graphql.promotion.types import Promotion

NODES: Final[list[AnyNodeType]] = [
    NodeType(Promotion, PROMOTIONS, load_promotions, MAY_READ),
    NodeType(CustomerSegment, CUSTOMER_SEGMENTS, load_segments, MAY_READ),
    NodeType(CustomerSegmentMember, CUSTOMER_SEGMENT_MEMBERS, load_members, MAY_READ),
    NodeType(Coupon, COUPONS, load_coupons, MAY_READ),
    NodeType(CouponCode, COUPON_CODES, load_coupon_codes, MAY_READ),
    NodeType(CouponUsage, COUPON_USAGES, load_coupon_usages, MAY_READ),
]
