"""The spelling of the API: names of the domains' fields in camelCase."""

import re
from typing import Final

_NAME: Final = re.compile(r"(?<=`)[a-z]+(?:_[a-z0-9]+)+(?=[`\[:])")


def camel(name: str) -> str:
    """A name in the spelling of the API: `base_price` is `basePrice`."""
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)


def respelled(text: str) -> str:
    """A text with the names in backticks in the spelling of the API: `tags[2]`, `is_active: false`, `base_price`."""
    return _NAME.sub(lambda name: camel(name[0]), text)
