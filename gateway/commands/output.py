"""Output of commands: lines in which texts of other people cannot imitate other lines or control the terminal."""

import sys
import unicodedata
from collections.abc import Iterable
from typing import TextIO


def printable(line: str) -> str:
    """A line with every character that is not printable (controls, line breaks, directions of text) as its escape."""
    return line if line.isprintable() else "".join(_printable(char) for char in line)


def _printable(char: str) -> str:
    if char.isprintable() or unicodedata.category(char) == "Zs":  # a space of another width
        return char
    return char.encode("unicode_escape").decode("ascii")


def write_line(line: str, stream: TextIO | None = None) -> None:
    """Write one line to the standard output, or another stream, at once."""
    write_lines([line], stream)


def write_lines(lines: Iterable[str], stream: TextIO | None = None) -> None:
    """Write lines to the standard output, or another stream, at once."""
    target = stream or sys.stdout
    target.write("".join(f"{printable(line)}\n" for line in lines))
    target.flush()
