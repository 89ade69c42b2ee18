"""E-mails in the name of a company."""

from domains.company.service import CompanyService
from domains.kernel.database import Tx
from domains.kernel.personal_data import is_erased
from domains.kernel.ports import Mailer


class CompanyMailer:
    """Sends e-mails with the name of the handle's company in the subject and below the text."""

    def __init__(self, mailer: Mailer, companies: CompanyService) -> None:
        self._mailer = mailer
        self._companies = companies

    async def send(self, tx: Tx, to: str, subject: str, text: str) -> None:
        """Queue one e-mail, unless the recipient was erased since it was caused."""
        if is_erased(to):
            return
        company = await self._companies.current(tx)
        name = " ".join(company.name.split())
        await self._mailer.send(tx, to=to, subject=f"{name}: {subject}", text=f"{text}\n\n{company.name}\n")
