"""The e-mail with the code of a gift card; apart from the answer to its issuer, the only place with a code."""

from datetime import timedelta
from typing import Final

from domains.auth.emails.company_mailer import CompanyMailer
from domains.kernel.database import Tx
from domains.kernel.values.calendar import local_day
from domains.kernel.values.money import Money
from domains.kernel.values.secret import Secret
from domains.payment.gift_cards.models import GiftCard

INSTANT: Final = timedelta(microseconds=1)


class GiftCardMail:
    """Sends codes to recipients; queued mail is encrypted until it is delivered."""

    def __init__(self, mailer: CompanyMailer) -> None:
        self._mailer = mailer

    async def send(self, tx: Tx, card: GiftCard, code: Secret, time_zone: str) -> None:
        """Queue the e-mail to the recipient of a new card, if it has one. No statement of its own."""
        if card.recipient_email is None:
            return
        amount = Money(card.initial_amount, card.currency).shown()
        lines = [
            f"You have a gift card of {amount:f} {card.currency}. Its code is:",
            code.reveal(),
            "Enter the code in the cart when you shop. You can use the card until nothing is left on it.",
        ]
        if card.expires_at is not None:
            lines.append(f"It is valid until {local_day(card.expires_at - INSTANT, time_zone):%Y-%m-%d}.")
        lines.append("Keep the code secret: its holder can spend the card.")
        await self._mailer.send(tx, card.recipient_email, "Your gift card", "\n\n".join(lines))
