"""The role domain's tables whose rows are found by their id alone."""

from typing import Final

from domains.kernel.nodes import NodeTable

PERMISSIONS: Final = NodeTable("permissions", is_shared=True)
ROLES: Final = NodeTable("roles", is_shared=True)
