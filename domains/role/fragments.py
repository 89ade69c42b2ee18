"""SQL fragments over role's tables that higher domains may join."""

from typing import Final

ROLES: Final = "(select id, company_id, code, priority, version from roles)"
"""The roles of the handle's company and of the system."""
