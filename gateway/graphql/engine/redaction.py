"""Redaction of input values in messages of graphql-core, which may quote a password or a card number.

The problem, its location, the expected type and the names of fields stay (OWASP ASVS 16.2.5, PCI DSS 3.4).
"""

import re
from typing import Final

# The wordings of graphql-core: "…, found: {value}." after an expectation, "… value: {value}" after a scalar's name, a
# value that an enum does not have, a field that an input does not have (a JSON key may be any text), the message of
# a scalar's exception, and the literal that the parser did not expect, or its characters.
QUOTED: Final = (
    (re.compile(r"(?<=[?.]) Found: .*\Z", re.DOTALL), ""),
    (re.compile(r"[,;] found: .*\Z", re.DOTALL), "."),
    (re.compile(r"(cannot represent (?:an? )?[\w -]*?value): .*\Z", re.DOTALL), r"\1."),
    (re.compile(r"\bValue '.*' (does not exist in ')", re.DOTALL), r"The value \1"),
    (re.compile(r"unknown field '(?![_A-Za-z]\w{0,99}')[^\n]*\Z", re.DOTALL | re.ASCII), "an unknown field."),
    (re.compile(r", but encountered error '.*\Z", re.DOTALL), "."),
    (re.compile(r"\b(String|BlockString|Int|Float|Comment) '.*'", re.DOTALL), r"\1"),
    (re.compile(r", did you mean '0\..*\Z", re.DOTALL), "."),
    (re.compile(r"(escape sequence): .*\Z", re.DOTALL), r"\1."),
)


def without_values(message: str) -> str:
    """The message of a syntax, validation or coercion error without values of the request."""
    for quoted, replacement in QUOTED:
        message = quoted.sub(replacement, message)
    return message
