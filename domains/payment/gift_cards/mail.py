"""The e-mail with the codes of gift cards; apart from the answer to its issuer, the only place with codes."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from domains.auth.emails.company_mailer import CompanyMailer
from domains.kernel.database import Tx
from domains.kernel.values.calendar import local_day
from domains.kernel.values.money import Money
from domains.payment.gift_cards.models import IssuedGiftCard

INSTANT: Final = timedelta(microseconds=1)


class GiftCardMail:
    """Sends codes to recipients; queued mail is encrypted until it is delivered."""

    def __init__(self, mailer: CompanyMailer) -> None:
        self._mailer = mailer

    async def send(self, tx: Tx, issued: Sequence[IssuedGiftCard], time_zone: str) -> None:
        """Queue an e-mail to each recipient of new cards, with the codes of all of them. No statement of its own."""
        by_recipient: defaultdict[str, list[IssuedGiftCard]] = defaultdict(list)
        for each in issued:
            if each.card.recipient_email is not None:
                by_recipient[each.card.recipient_email].append(each)
        for recipient, own in by_recipient.items():
            cards = f"{len(own)} gift cards" if len(own) > 1 else "a gift card"
            paragraphs = [
                f"You have {cards}. Enter the code in the cart when you shop:",
                *(_described(each, time_zone) for each in own),
                "You can use a card until nothing is left on it.",
                "Keep the code secret: its holder can spend the card.",
            ]
            subject = "Your gift cards" if len(own) > 1 else "Your gift card"
            await self._mailer.send(tx, recipient, subject, "\n\n".join(paragraphs))


def _described(issued: IssuedGiftCard, time_zone: str) -> str:
    """The code of a card, its amount, and the last day on which it can be spent."""
    card = issued.card
    amount = f"{Money(card.initial_amount, card.currency).shown():f} {card.currency}"
    if card.expires_at is not None:
        amount += f", valid until {local_day(card.expires_at - INSTANT, time_zone):%Y-%m-%d}"
    return f"{issued.code.reveal()}\n{amount}"
