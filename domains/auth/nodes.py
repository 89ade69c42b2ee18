"""The auth domain's tables whose rows are found by their id alone."""

from typing import Final

from domains.kernel.nodes import NodeTable

ADDRESSES: Final = NodeTable("addresses", owner="user_id")
SESSIONS: Final = NodeTable("user_sessions", is_shared=True)
USERS: Final = NodeTable("users", is_shared=True)
