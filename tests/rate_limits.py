"""The highest rate limits, as settings of processes to which tests and benchmarks send thousands of requests."""

from typing import Final

HIGHEST: Final = {
    f"RATE_LIMIT_{kind}_PER_{source}": "1000000"
    for kind in ("READS", "WRITES", "SENSITIVE")
    for source in ("ADDRESS", "ACCOUNT")
}
