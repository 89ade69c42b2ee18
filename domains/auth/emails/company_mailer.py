"""E-mails in the name of a company."""

from domains.company.service import CompanyService
from domains.kernel.database import Reader
from domains.kernel.personal_data import is_erased
from domains.kernel.ports import Mailer


class CompanyMailer:
    """Sends e-mails with the name of the handle's company in the subject and below the text."""

    def __init__(self, mailer: Mailer, companies: CompanyService) -> None:
        self._mailer = mailer
        self._companies = companies

    async def send(self, db: Reader, to: str, subject: str, text: str) -> None:
        """Send one e-mail, unless the recipient was erased since it was caused."""
        if is_erased(to):
            return
        company = await self._companies.current(db)
        name = " ".join(company.name.split())
        await self._mailer.send(to=to, subject=f"{name}: {subject}", text=f"{text}\n\n{company.name}\n")
