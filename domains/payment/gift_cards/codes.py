"""Codes of gift cards: their random characters, their normal form, and the digest that is stored."""

import re
import secrets
from typing import Final

from domains.auth.sessions.tokens import digest
from domains.kernel.text.unicode_forms import normalized
from domains.kernel.text.validation import without_invisible
from domains.kernel.values.secret import Secret
from domains.payment.cards import is_card_number
from domains.payment.errors import CardNumberRefused
from domains.payment.gift_cards.errors import GiftCardCodeWeak

# Crockford's base 32: 5 bits a character, without letters that are read as digits. Twenty characters are 100 bits, of
# which 80 stay secret when the last four are shown.
ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH: Final = 20
GROUP: Final = 4
SHOWN: Final = 4
MIN_OWN: Final = 16
MIN_DIFFERENT: Final = 8
MAX_LENGTH: Final = 100
CODE: Final = re.compile("[0-9A-Z]{1,64}")
SEPARATORS: Final = re.compile(r"[\s\-_.\u2010-\u2015\u2212\u30fc]")
LOOK_ALIKES: Final = str.maketrans({"O": "0", "I": "1", "L": "1", "U": "V"})


def new_code() -> Secret:
    """A new random code, in groups of four characters."""
    characters = "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))
    return Secret("-".join(characters[start : start + GROUP] for start in range(0, LENGTH, GROUP)))


def normalized_code(text: str) -> str | None:
    """The form in which codes are compared: capitals and digits, with one of the characters that look alike.

    Case, spaces and dashes do not count. None for a text that is no code.
    """
    if len(text) > MAX_LENGTH:
        return None
    code = SEPARATORS.sub("", normalized("NFKC", without_invisible(text))).upper().translate(LOOK_ALIKES)
    return code if CODE.fullmatch(code) else None


def code_hash(text: str) -> str | None:
    """The digest by which a card is found; None for a text that is no code."""
    code = normalized_code(text)
    return None if code is None else digest(code)


def last_characters(text: str) -> str | None:
    """The end of a code by which staff know a card; None for a text that has no such end."""
    code = normalized_code(text)
    return None if code is None or len(code) < SHOWN else code[-SHOWN:]


def require_strong(code: Secret) -> str:
    """The normal form of a code. Raises GiftCardCodeWeak, and CardNumberRefused for the number of a card."""
    if is_card_number(code.reveal()):
        raise CardNumberRefused(field=("code",))
    form = normalized_code(code.reveal())
    if form is None or len(form) < MIN_OWN or len(set(form)) < MIN_DIFFERENT:
        raise GiftCardCodeWeak(MIN_OWN, MIN_DIFFERENT)
    return form
