"""Real input for tests that lies beside the project, and not in every place where the tests run."""

from pathlib import Path
from typing import Final

SHARED: Final = Path(__file__).parents[2] / "shared" / "data"
PAYPAL: Final = SHARED / "openapi" / "paypal"
