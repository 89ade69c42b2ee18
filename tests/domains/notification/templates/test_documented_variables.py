"""docs/email-templates.md lists the variables of each kind, and the filters, elements and bounds of the language."""

from pathlib import Path
from typing import Final

from domains.notification.templates.filters import FILTERS
from domains.notification.templates.language import MAX_ELEMENTS, MAX_OUTPUT, MAX_SOURCE
from domains.notification.templates.mjml import MAX_DEPTH
from domains.notification.templates.samples import SAMPLES, paths
from domains.notification.templates.syntax import TESTS

DOCUMENT: Final = (Path(__file__).parents[4] / "docs" / "email-templates.md").read_text()


def test_the_variables_of_each_kind_are_documented() -> None:
    rows = [line for line in DOCUMENT.splitlines() if line.startswith("| ") and line[2:].split(" ")[0] in SAMPLES]
    listed = [f"| {kind} | {', '.join(f'`{path}`' for path in paths(kind)) or 'none'} |" for kind in SAMPLES]
    assert rows == listed


def test_the_language_is_documented() -> None:
    for name in FILTERS:
        assert f"`{name}" in DOCUMENT or f"|{name}" in DOCUMENT
    for name in TESTS:
        assert f"`is {name}`" in DOCUMENT
    for bound in (MAX_SOURCE, MAX_OUTPUT, MAX_ELEMENTS, MAX_DEPTH):
        assert f"{bound:,}" in DOCUMENT
