"""Checks of the fields of a review; pure."""

from typing import Final

from domains.kernel.errors import OutOfRange
from domains.kernel.text.validation import LINE_LENGTH, NAME_LENGTH, Required, optional_text
from domains.kernel.validation import collect_errors
from domains.review.data import ReviewUpdate
from domains.review.models import ReviewChanges

COMMENT_LENGTH: Final = LINE_LENGTH * 5


def checked(changes: ReviewChanges) -> ReviewUpdate:
    """The given fields as they are stored.

    Raises, for all fields at once, Required and OutOfRange for a rating, TooLong and InvalidInput for a text.
    """
    update: ReviewUpdate = {}
    with collect_errors() as each:
        with each:
            if "rating" in changes:
                update["rating"] = rating(changes["rating"])
        with each:
            if "title" in changes:
                update["title"] = optional_text(changes["title"], field=("title",), max_length=NAME_LENGTH)
        with each:
            if "comment" in changes:
                update["comment"] = optional_text(changes["comment"], field=("comment",), max_length=COMMENT_LENGTH)
    return update


def rating(value: int | None) -> int:
    """A rating from 1 to 5. Raises Required, OutOfRange."""
    if value is None:
        raise Required("A rating must not be null. Give a number from 1 to 5.", field=("rating",))
    if not 1 <= value <= 5:
        raise OutOfRange("A rating is a whole number from 1 to 5.", field=("rating",))
    return value
