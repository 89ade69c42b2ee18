"""The texts of documents by language, from the files in `texts/`."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

FOLDER: Final = Path(__file__).parent / "texts"
FALLBACK: Final = "en"


@dataclass(frozen=True, slots=True)
class Texts:
    """The texts of one language, by name."""

    language: str
    texts: Mapping[str, Any]

    def __getitem__(self, name: str) -> str:
        text: str = self.texts[name]
        return text

    def method(self, name: str) -> str:
        """A payment method; the name itself when there is no text for it."""
        found: str = self.texts["methods"].get(name, name)
        return found


CATALOGUE: Final[Mapping[str, Texts]] = {
    file.stem: Texts(file.stem, tomllib.loads(file.read_text("utf-8"))) for file in sorted(FOLDER.glob("*.toml"))
}


def texts_of(language: str) -> Texts:
    """The texts for a tag of BCP 47: those of its language, or the English ones."""
    return CATALOGUE.get(language.split("-", maxsplit=1)[0].lower(), CATALOGUE[FALLBACK])
