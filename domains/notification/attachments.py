"""Attachments of e-mails: the invoice that one tells of."""

import re
from collections.abc import Sequence
from typing import Final
from uuid import UUID

from domains.kernel.actor import Actor
from domains.kernel.database import Reader
from domains.kernel.errors import TooMany
from domains.notification.channels import Attachment, Documents
from domains.notification.models import Notification, NotificationKind
from domains.order.service import OrderService

PDF: Final = "application/pdf"
MOST_BYTES: Final = 10 * 1024 * 1024
"""What mail servers take in, with the third that the encoding adds."""
_NO_FILE_NAME: Final = re.compile(r"[^A-Za-z0-9._-]+")


class Attachments:
    """Makes the attachments of e-mails when they are sent."""

    def __init__(self, orders: OrderService, documents: Documents) -> None:
        self._orders = orders
        self._documents = documents

    async def of(self, db: Reader, company_id: UUID, notification: Notification) -> Sequence[Attachment]:
        """The attachments of a notification. No statement but for INVOICE_ISSUED, which has two.

        Raises InvoiceNotFound, Busy while too many documents are made, and TooMany for one that is too large.
        """
        if notification.kind is not NotificationKind.INVOICE_ISSUED:
            return ()
        invoice_id = UUID(notification.metadata["invoice_id"])
        invoice = await self._orders.invoices.listing.get(db, Actor.system(company_id), invoice_id)
        content = await self._documents.pdf(invoice)
        if len(content) > MOST_BYTES:
            raise TooMany("The document is too large for an e-mail.")
        name = _NO_FILE_NAME.sub("-", invoice.number).strip("-.") or "document"
        return (Attachment(f"{name}.pdf", PDF, content),)
