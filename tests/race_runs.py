"""Repetition of race tests, once or as often as `RACE_RUNS` says: `RACE_RUNS=20 pytest <file>`."""

import os
from typing import Final

import pytest

RUNS: Final = int(os.environ.get("RACE_RUNS", "1"))
# For a test with an argument `run`; each run has a new company.
repeated = pytest.mark.parametrize("run", range(RUNS))
