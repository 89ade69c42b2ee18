"""Arguments that the lists of shipping share."""

from typing import Annotated

import strawberry

Search = Annotated[
    str | None,
    strawberry.argument(
        description="A part of the name, ignoring case, at most 255 characters; null or empty for all."
    ),
]
