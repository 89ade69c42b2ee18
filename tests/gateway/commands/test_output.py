"""Output of commands: texts of other people neither imitate lines nor control the terminal."""

import ast
import io

import pytest

from gateway.commands.output import printable, write_line, write_lines
from tests.architecture.test_budgets import sources

WRITES = {"print", "sys.stdout.write", "sys.stdout.writelines", "sys.stderr.write", "sys.stderr.writelines"}


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("order.paid  Crème brûlée 茶 🫖", "order.paid  Crème brûlée 茶 🫖"),
        ("10\u00a0000\u3000円", "10\u00a0000\u3000円"),
        ("\x1b[31mEVIL\x1b[0m", "\\x1b[31mEVIL\\x1b[0m"),
        ("a\nok   All checks passed.", "a\\nok   All checks passed."),
        ("a\r\tb\x07\x00\x7f\x9b", "a\\r\\tb\\x07\\x00\\x7f\\x9b"),
        ("\u202ecod.exe\u2028\u200b\ufeff", "\\u202ecod.exe\\u2028\\u200b\\ufeff"),
        ("\ud800", "\\ud800"),
        (r"C:\new", r"C:\new"),
    ],
)
def test_what_is_not_printable_is_shown_as_its_escape(text: str, shown: str) -> None:
    assert printable(text) == shown


def test_each_text_is_one_line() -> None:
    stream = io.StringIO()
    write_lines(["a\nb", "c"], stream)
    write_line("d\x1b", stream)
    assert stream.getvalue() == "a\\nb\nc\nd\\x1b\n"


def test_commands_write_by_lines_only() -> None:
    """Files that a command exports have a stream of their own."""
    writing = {
        str(path)
        for path, text in sources()
        if path.parts[:2] == ("gateway", "commands") and WRITES.intersection(_calls(text))
    }
    assert writing == set()


def _calls(text: str) -> list[str]:
    return [ast.unparse(node.func) for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Call)]
