"""SQL fragments over role's tables that higher domains may join."""

from typing import Final

ROLES: Final = "(select id, company_id, code, priority, version from roles)"
"""The roles of the handle's company and of the system."""
GRANTED_ROLES: Final = """(select rp.role_id, p.resource, p.action
from role_permissions rp join permissions p on p.id = rp.permission_id)"""
"""Each role's id with the `resource` and the `action` of each permission that it has."""
