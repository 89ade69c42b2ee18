"""The activity domain's types that `node` finds."""

from typing import Final

from domains.activity.domain import ACTIVITY_LOGS
from gateway.graphql.activity.loaders import load_activities
from gateway.graphql.activity.queries import READ_ANALYTICS
from gateway.graphql.activity.types import ActivityLog
from gateway.graphql.core.nodes import AnyNodeType, NodeType

NODES: Final[list[AnyNodeType]] = [NodeType(ActivityLog, ACTIVITY_LOGS, load_activities, READ_ANALYTICS)]
