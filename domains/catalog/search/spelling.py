"""Spelling correction: the indexed terms nearest to a mistyped word. Pure rules."""

from collections.abc import Iterable, Sequence
from itertools import pairwise

from rapidfuzz.distance import OSA

TERM_LENGTH = range(3, 31)
MAX_ALTERNATIVES = 10


def trigrams(word: str) -> list[str]:
    """The three-letter sequences of a word padded with spaces: `cat` has `  c`, ` ca`, `cat`, `at `."""
    padded = f"  {word} "
    return sorted({padded[start : start + 3] for start in range(len(padded) - 2)})


def pieces(word: str, errors: int, *, unfinished: bool) -> list[list[str]]:
    """The trigrams of each part of a word, of which at least one part survives this many typing errors.

    One error changes one part of two; `transpositions` covers a swap across their border. A similar term has all the
    trigrams of some part, so that an index finds a few terms instead of thousands.
    """
    padded = f" {word}" if unfinished else f" {word} "
    end = len(padded)
    cuts = [end * part // (errors + 1) for part in range(errors + 2)]
    parts = {(min(start, end - 3), max(stop, start + 3)) for start, stop in pairwise(cuts)}
    return [sorted({padded[at : at + 3] for at in range(start, stop - 2)}) for start, stop in sorted(parts)]


def transpositions(word: str) -> list[str]:
    """The words that result from swapping two neighbouring letters."""
    return [word[:i] + word[i + 1] + word[i] + word[i + 2 :] for i in range(len(word) - 1)]


def is_term(word: str) -> bool:
    """Whether a word is stored for correction: not too short, not a number."""
    return len(word) in TERM_LENGTH and not word.isdigit()


def allowed_errors(word: str) -> int:
    """The highest number of typing errors that are corrected in a word of this length."""
    return 0 if len(word) < TERM_LENGTH.start else 1 if len(word) < 8 else 2


def distance(word: str, term: str, max_errors: int) -> int:
    """The number of typing errors between two words: a letter too many, missing, wrong, or two swapped.

    Optimal string alignment; anything above `max_errors` is returned as `max_errors + 1`.
    """
    return OSA.distance(word, term, score_cutoff=max_errors)


def nearest(word: str, candidates: Iterable[str], *, unfinished: bool) -> Sequence[str]:
    """The terms with the fewest typing errors from a word; `[word]` when it is a term, none when all have too many.

    The last word of a search may be unfinished: then a prefix of a term is enough.
    """
    max_errors = allowed_errors(word)
    by_errors: dict[int, list[str]] = {}
    for term in sorted(set(candidates)):
        errors = min(
            distance(word, start, max_errors) for start in _prefixes(term, word, max_errors, unfinished=unfinished)
        )
        by_errors.setdefault(errors, []).append(term)
    fewest = min(by_errors, default=max_errors + 1)
    if fewest == 0:
        return [word]
    if fewest > max_errors:
        return []
    terms = sorted(by_errors[fewest], key=lambda term: (abs(len(term) - len(word)), term))
    return terms[:MAX_ALTERNATIVES]


def _prefixes(term: str, word: str, max_errors: int, *, unfinished: bool) -> Iterable[str]:
    yield term
    if unfinished:
        yield from (
            term[:length]
            for length in range(len(word) - max_errors, len(word) + max_errors + 1)
            if length < len(term)
        )
