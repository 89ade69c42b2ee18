"""The errors of gift cards and store credit. No message contains a code."""

from collections.abc import Sequence
from datetime import date

from domains.kernel.errors import AlreadyExists, InvalidInput, NotAllowed, NotFound


class GiftCardNotFound(NotFound):
    """There is no gift card with this id in the company."""

    def __init__(self, *, field: Sequence[str] = ("id",)) -> None:
        super().__init__("There is no such gift card.", field=field)


class GiftCardCodeUnknown(NotFound):
    """No gift card of the company has this code."""

    def __init__(self, *, field: Sequence[str] = ("code",)) -> None:
        super().__init__("There is no gift card with this code. Check it and try again.", field=field)


class GiftCardExpired(NotAllowed):
    """The validity of the gift card is over, and what was left on it belongs to the shop."""

    def __init__(self, *, field: Sequence[str] = ("code",)) -> None:
        super().__init__("This gift card has expired.", field=field)


class GiftCardDisabled(NotAllowed):
    """The shop has disabled the gift card."""

    def __init__(self, *, field: Sequence[str] = ("code",)) -> None:
        super().__init__("This gift card is disabled. Ask the shop.", field=field)


class GiftCardEmpty(NotAllowed):
    """Nothing is left on the gift card."""

    def __init__(self, *, field: Sequence[str] = ("code",)) -> None:
        super().__init__("Nothing is left on this gift card.", field=field)


class GiftCardCodeWeak(InvalidInput):
    """A code that staff chose can be guessed."""

    def __init__(self, characters: int, different: int, *, field: Sequence[str] = ("code",)) -> None:
        super().__init__(
            f"A code of your own has at least {characters} letters (A to Z) and digits, of which {different} differ. "
            "Leave it out for a random one.",
            field=field,
        )


class GiftCardCodeTaken(AlreadyExists):
    """Another gift card of the company has this code."""

    def __init__(self, *, field: Sequence[str] = ("cards",)) -> None:
        super().__init__("Another gift card has one of these codes. Choose another one.", field=field)


class GiftCardValidityTooShort(InvalidInput):
    """Gift cards would expire before the law of the company's country lets them; `source` names the law."""

    def __init__(self, least: int | date, source: str, *, field: Sequence[str]) -> None:
        bound = f"on {least:%Y-%m-%d}" if isinstance(least, date) else f"after {least} months"
        super().__init__(f"A gift card that is sold may expire {bound} at the earliest ({source}).", field=field)


class GiftCardExpiryForbidden(InvalidInput):
    """The law of the company's country lets no gift card expire; `source` names the law."""

    def __init__(self, source: str, *, field: Sequence[str]) -> None:
        super().__init__(f"A gift card that is sold may not expire ({source}).", field=field)
