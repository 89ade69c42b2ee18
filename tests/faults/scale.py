"""The size of a run: `make test` runs a small selection, `make faults` more, `make faults FULL=1` everything."""

import os
from typing import Any, Final

import pytest

FULL: Final = os.environ.get("FULL") == "1"


def sizes(small: int, usual: int, full: int) -> list[Any]:
    """The sizes of a test, for `pytest.mark.parametrize`: the small one always, the other with `make faults`."""
    return [small, pytest.param(full if FULL else usual, marks=pytest.mark.faults)]
