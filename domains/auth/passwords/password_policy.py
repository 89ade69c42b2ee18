"""Choosing a password: the rules first, then the hash, both before any transaction begins."""

from domains.auth.passwords.hashing import Passwords, require_strong
from domains.company.service import CompanyService
from domains.kernel.database import Reader


class PasswordChoice:
    """Checks a new password against the rules and the shop's own names, and hashes it."""

    def __init__(self, passwords: Passwords, companies: CompanyService) -> None:
        self._passwords = passwords
        self._companies = companies

    async def require(self, db: Reader, password: str, *, email: str, field: str = "password") -> None:
        """Raise WeakPassword, TooLong or InvalidInput unless somebody with this address may choose the password."""
        company = await self._companies.current(db)
        require_strong(password, names=(company.name, company.slug, email), field=(field,))

    async def hashed(self, password: str) -> str:
        """The hash to store of a password that passed; costs one Argon2 computation."""
        return await self._passwords.hash(password)
