"""What templates refuse."""

from collections.abc import Sequence

from domains.kernel.errors import InvalidInput


class TemplateInvalid(InvalidInput):
    """A template cannot be used as it is written; `message` names the line, what is wrong and what to do."""

    def __init__(self, what: str, *, line: int | None = None, field: str | Sequence[str] = ()) -> None:
        super().__init__(what if line is None else f"Line {line}: {what}", field=field)
