"""Errors that make a whole file unusable."""

from domains.kernel.errors import InvalidInput


class UnreadableFile(InvalidInput):
    """The file is not CSV in UTF-8, or is damaged. `line` is the physical line, counted from 1."""

    def __init__(self, message: str, *, line: int) -> None:
        super().__init__(f"Line {line}: {message}", field=("file",))
        self.line = line
