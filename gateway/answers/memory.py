"""The first level of the cache of answers: the memory of the process."""

from collections import OrderedDict, defaultdict
from collections.abc import Hashable, Iterable

from gateway.answers.stored import StoredAnswer


class AnswerMemory:
    """Answers by digest and by request, at most `limit` octets; the least recently used are evicted.

    A request is an alias of a digest: its bytes lead to the answer without being parsed.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._answers: OrderedDict[str, StoredAnswer] = OrderedDict()
        self._digests: OrderedDict[Hashable, tuple[str, int]] = OrderedDict()
        self._by_tag: defaultdict[str, set[str]] = defaultdict(set)
        self.size = 0
        self._request_size = 0

    def __len__(self) -> int:
        return len(self._answers)

    def get(self, digest: str, now: float) -> StoredAnswer | None:
        """The answer of a digest, unless it has expired."""
        answer = self._answers.get(digest)
        if answer is None:
            return None
        if answer.expires_at <= now:
            self._remove(digest)
            return None
        self._answers.move_to_end(digest)
        return answer

    def find(self, request: Hashable, now: float) -> StoredAnswer | None:
        """The answer to a request that was seen before, unless it has expired."""
        known = self._digests.get(request)
        if known is None:
            return None
        self._digests.move_to_end(request)
        return self.get(known[0], now)

    def add(self, answer: StoredAnswer) -> None:
        """Store an answer. One that is larger than a sixteenth of the limit is not stored."""
        self._remove(answer.request.digest)
        if answer.size > self._limit // 16:
            return
        self._answers[answer.request.digest] = answer
        for tag in answer.tags:
            self._by_tag[tag].add(answer.request.digest)
        self.size += answer.size
        while self.size > self._limit:
            self._remove(next(iter(self._answers)))

    def add_request(self, request: Hashable, size: int, digest: str) -> None:
        """Store a request of this size in octets as an alias of a digest; all take at most a quarter of the limit."""
        self._forget_request(request)
        self._digests[request] = (digest, size)
        self._request_size += size
        while self._request_size > self._limit // 4:
            self._forget_request(next(iter(self._digests)))

    def invalidate(self, tags: Iterable[str]) -> None:
        """Remove all answers that depend on one of these tags."""
        for tag in tags:
            for digest in tuple(self._by_tag.get(tag, ())):
                self._remove(digest)

    def clear_requests(self) -> None:
        """Forget to which answers requests lead."""
        self._digests.clear()
        self._request_size = 0

    def clear(self) -> None:
        """Remove everything."""
        self._answers.clear()
        self._by_tag.clear()
        self.size = 0
        self.clear_requests()

    def _remove(self, digest: str) -> None:
        answer = self._answers.pop(digest, None)
        if answer is None:
            return
        self.size -= answer.size
        for tag in answer.tags:
            digests = self._by_tag[tag]
            digests.discard(digest)
            if not digests:
                del self._by_tag[tag]

    def _forget_request(self, request: Hashable) -> None:
        if (known := self._digests.pop(request, None)) is not None:
            self._request_size -= known[1]
