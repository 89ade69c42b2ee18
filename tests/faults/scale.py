"""The size of a run.

`make test` runs the tests without the marker `faults`. `make faults SAMPLE=1` runs those of `SAMPLED`, `make faults`
all of them, and `make faults FULL=1` all of them at full size.
"""

import os
from typing import Any, Final

import pytest

FULL: Final = os.environ.get("FULL") == "1"
FAULTS: Final = (pytest.mark.faults,)
SAMPLED: Final = (pytest.mark.faults, pytest.mark.sample)
"""The marks of a test that stands for its kind in continuous integration."""


def sampled_sizes(sample: int, usual: int, full: int) -> list[Any]:
    """The sizes of a test that runs with `make faults` only: one for continuous integration, the other otherwise."""
    return [pytest.param(sample, marks=SAMPLED), pytest.param(full if FULL else usual, marks=FAULTS)]


def sizes(small: int, usual: int, full: int) -> list[Any]:
    """The sizes of a test, for `pytest.mark.parametrize`: the small one always, the other with `make faults`."""
    return [small, pytest.param(full if FULL else usual, marks=pytest.mark.faults)]
