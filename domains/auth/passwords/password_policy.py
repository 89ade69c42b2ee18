"""The rules for new passwords, and the hash of a password that meets them. Neither runs in a transaction."""

from domains.auth.passwords.hashing import PasswordHashes, require_strong
from domains.company.service import CompanyService
from domains.kernel.database import Reader


class PasswordPolicy:
    """Checks new passwords against the rules and the company's own names, and `hashes` those that meet them."""

    def __init__(self, hashes: PasswordHashes, companies: CompanyService) -> None:
        self.hashes = hashes
        self._companies = companies

    async def require(self, db: Reader, password: str, *, email: str, field: str = "password") -> None:
        """Raise WeakPassword, TooLong or InvalidInput unless the user of this address may have the password."""
        company = await self._companies.current(db)
        require_strong(password, names=(company.name, company.slug, email), field=(field,))
