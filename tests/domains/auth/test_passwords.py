"""PasswordHashes: the parameters of the hash, and the password policy (OWASP ASVS 5.0 §6.2, §11.4)."""

import asyncio
import threading
import unicodedata
from typing import Any

import pytest
from argon2 import PasswordHasher, extract_parameters
from hypothesis import given
from hypothesis import strategies as st
from zxcvbn.frequency_lists import FREQUENCY_LISTS

from domains.auth.errors import WeakPassword
from domains.auth.passwords.hashing import MAX_WAITING, PasswordHashes, common_passwords, require_strong
from domains.kernel.errors import DomainError, InvalidInput, RateLimited
from domains.kernel.text.validation import TooLong

GOOD = "correct horse battery staple"
cheap = PasswordHashes(memory_kib=8)


def refusal(password: str, *names: str) -> type[DomainError] | None:
    try:
        require_strong(password, names=names)
    except DomainError as error:
        return type(error)
    return None


# ASVS 11.4.2
async def test_passwords_are_hashed_with_argon2id_and_46_mib() -> None:
    password_hash = await PasswordHashes().hash(GOOD)
    parameters = extract_parameters(password_hash)
    assert password_hash.startswith("$argon2id$")
    assert (parameters.memory_cost, parameters.time_cost, parameters.parallelism) == (46 * 1024, 1, 1)
    assert (parameters.salt_len, parameters.hash_len) == (16, 32)


# ASVS 11.4.2
async def test_the_event_loop_runs_while_a_password_is_hashed(monkeypatch: pytest.MonkeyPatch) -> None:
    hashing, go_on = asyncio.Event(), threading.Event()
    loop, main = asyncio.get_running_loop(), threading.get_ident()
    threads = set()

    def slow(_self: PasswordHasher, _password: bytes) -> str:
        threads.add(threading.get_ident())
        loop.call_soon_threadsafe(hashing.set)
        assert go_on.wait(5)
        return "hash"

    monkeypatch.setattr(PasswordHasher, "hash", slow)
    task = asyncio.create_task(PasswordHashes(memory_kib=8).hash(GOOD))
    await hashing.wait()
    assert not task.done()
    go_on.set()
    assert await task == "hash"
    assert main not in threads


async def test_parallel_hashes_are_limited_to_the_number_of_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    lock, running, most = threading.Lock(), 0, 0
    both = threading.Barrier(2)

    def count(_self: PasswordHasher, _password: bytes) -> str:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        both.wait(5)
        with lock:
            running -= 1
        return "hash"

    monkeypatch.setattr(PasswordHasher, "hash", count)
    passwords = PasswordHashes(memory_kib=8, threads=2)
    await asyncio.gather(*(passwords.hash(GOOD) for _ in range(8)))
    assert most == 2


@pytest.mark.parametrize("password_hash", [None, "", "not a hash", "$argon2id$v=19$m=8,t=1,p=1$broken"])
async def test_without_a_valid_hash_no_password_is_accepted(password_hash: str | None) -> None:
    assert not await cheap.verify(password_hash, GOOD)


# ASVS 6.3.8
async def test_verification_costs_one_computation_with_and_without_a_hash(hashes: list[str]) -> None:
    stored = await cheap.hash(GOOD)
    for password_hash, password in ((stored, GOOD), (stored, "wrong"), (None, GOOD)):
        hashes.clear()
        await cheap.verify(password_hash, password)
        assert hashes == ["argon2"]


async def test_a_hash_with_other_parameters_is_outdated() -> None:
    stored = await cheap.hash(GOOD)
    assert not cheap.is_outdated(stored)
    assert PasswordHashes(memory_kib=16).is_outdated(stored)
    assert PasswordHashes(memory_kib=8, time_cost=2).is_outdated(stored)
    assert PasswordHashes(memory_kib=8).is_outdated(stored) is False


# ASVS 6.2.8: neither cut (72 bytes, NUL) nor folded.
@pytest.mark.parametrize(
    ("password", "other"),
    [
        ("x" * 72 + "a", "x" * 72 + "b"),
        ("x" * 1023 + "a", "x" * 1023 + "b"),
        ("correct\0horse", "correct\0house"),
        ("Correct horse", "correct horse"),
        ("stra\N{LATIN SMALL LETTER SHARP S}e 12", "strasse 12"),
        ("etude 123", "\N{LATIN SMALL LETTER E WITH ACUTE}tude 123"),
        (" leading space", "leading space"),
        ("\ud800 lone", "\udfff lone"),
    ],
)
async def test_passwords_with_any_difference_are_different(password: str, other: str) -> None:
    stored = await cheap.hash(password)
    assert await cheap.verify(stored, password)
    assert not await cheap.verify(stored, other)


# ASVS 6.2.8, NIST SP 800-63B: keyboards send composed or decomposed characters.
@pytest.mark.parametrize(
    ("chosen", "typed"),
    [
        ("\N{LATIN SMALL LETTER E WITH ACUTE}tude 123", "e\N{COMBINING ACUTE ACCENT}tude 123"),
        ("\uac01\uac01 korean", "\u1100\u1161\u11a8\u1100\u1161\u11a8 korean"),
        ("full width 1", "\uff46\uff55\uff4c\uff4c width \uff11"),
        ("no break", "no\u00a0break"),
    ],
)
async def test_a_password_is_accepted_in_every_unicode_form(chosen: str, typed: str) -> None:
    for first, second in ((chosen, typed), (typed, chosen)):
        stored = await cheap.hash(first)
        assert await cheap.verify(stored, second)
        assert not await cheap.needs_rehash(stored, second)


@pytest.mark.parametrize("stored_form", ["NFC", "NFD"])
@pytest.mark.parametrize("typed_form", ["NFC", "NFD"])
async def test_a_hash_of_an_unnormalized_password_is_accepted(stored_form: Any, typed_form: Any) -> None:
    password = "\N{LATIN SMALL LETTER E WITH ACUTE}tude \N{LATIN SMALL LIGATURE FI}n 123"
    stored = cheap._argon2.hash(unicodedata.normalize(stored_form, password).encode())
    typed = unicodedata.normalize(typed_form, password)
    assert await cheap.verify(stored, typed)
    assert await cheap.needs_rehash(stored, typed)
    assert not await cheap.verify(stored, f"{typed}4")


# ASVS 6.3.8
@pytest.mark.parametrize(
    ("password", "computations"), [("etude 123", 1), ("\u00e9tude 123", 2), ("\ufb01n \u00e9", 3)]
)
async def test_a_wrong_password_costs_the_same_with_and_without_a_hash(
    hashes: list[str], password: str, computations: int
) -> None:
    stored = await cheap.hash(GOOD)
    for password_hash in (stored, None, "not a hash"):
        hashes.clear()
        assert not await cheap.verify(password_hash, password)
        assert len(hashes) == computations


# ASVS 6.2.1
def test_a_password_length_counts_composed_characters() -> None:
    assert refusal("e\N{COMBINING ACUTE ACCENT}" * 4) is WeakPassword
    assert refusal("\N{ARABIC LIGATURE SALLALLAHOU ALAYHE WASALLAM}" * 4) is WeakPassword
    assert refusal("e\N{COMBINING ACUTE ACCENT}kq7wmz2" * 128) is None
    assert refusal("kq7 wmz" + "e\N{COMBINING ACUTE ACCENT}" * 1_018) is TooLong


def test_a_common_password_is_refused_in_full_width_letters() -> None:
    assert refusal("\uff50\uff41\uff53\uff53\uff57\uff4f\uff52\uff44\uff11") is WeakPassword


# ASVS 6.2.1
def test_a_password_has_at_least_eight_characters() -> None:
    assert refusal("kq7wmz2") is WeakPassword
    assert refusal("kq7wmz2p") is None
    assert refusal("") is WeakPassword


# ASVS 6.2.9
@pytest.mark.parametrize("length", [64, 65, 72, 73, 128, 1024])
def test_long_passwords_are_accepted(length: int) -> None:
    assert refusal(("kq7 wmz2" * 128)[:length]) is None


def test_a_password_has_a_maximum_length() -> None:
    assert refusal("kq7 wmz2" * 128 + "p") is TooLong


# ASVS 6.2.5
@given(st.text(st.sampled_from("abcdefghijklmnopqrstuvwxyz"), min_size=21, max_size=40))
def test_a_password_of_letters_alone_is_accepted(password: str) -> None:
    assert refusal(password) is None


@given(st.text(st.characters(codec="utf-8"), min_size=84, max_size=100))
def test_a_password_of_any_characters_is_accepted(password: str) -> None:
    assert refusal(password) is None


def test_a_lone_surrogate_in_a_password_is_refused_as_invalid_input() -> None:
    assert refusal("correct horse \ud800") is InvalidInput


# ASVS 6.2.4
def test_the_most_common_passwords_are_refused_in_any_case() -> None:
    long_enough = [word for word in FREQUENCY_LISTS["passwords"] if len(word) >= 8]
    assert len(common_passwords()) == len(long_enough) > 3_000
    for word in long_enough[:3_000]:
        assert refusal(word) is WeakPassword
        assert refusal(word.upper()) is WeakPassword


# ASVS 6.2.11
@pytest.mark.parametrize("password", ["Blue Harbour 1", "blueharbour", "my-BLUE_harbour-2026", "Blue.Harbour"])
def test_the_name_of_the_company_is_refused_as_password(password: str) -> None:
    assert refusal(password, "Blue Harbour") is WeakPassword


def test_the_users_own_address_is_refused_as_password() -> None:
    assert refusal("ada@example.com", "ada@example.com") is WeakPassword


def test_a_very_short_company_name_refuses_no_password() -> None:
    assert refusal("kq7 wmz2 hm", "H&M") is None


def test_a_refused_password_explains_what_to_do() -> None:
    with pytest.raises(WeakPassword) as refused:
        require_strong("short", names=(), field=("new_password",))
    assert refused.value.field == ("new_password",)
    assert refused.value.message == "The password has 5 characters. Use at least 8, better 15 or more."


async def test_close_ends_the_hashing_threads() -> None:
    passwords: Any = PasswordHashes(memory_kib=8)
    await passwords.hash(GOOD)
    passwords.close()
    with pytest.raises(RuntimeError, match="shutdown"):
        await passwords.hash(GOOD)


async def test_too_many_parallel_hashes_are_refused_as_busy(monkeypatch: pytest.MonkeyPatch) -> None:
    go_on = threading.Event()

    def slow(_self: PasswordHasher, _password: bytes) -> str:
        assert go_on.wait(5)
        return "hash"

    monkeypatch.setattr(PasswordHasher, "hash", slow)
    passwords = PasswordHashes(memory_kib=8)
    waiting = [asyncio.create_task(passwords.hash(GOOD)) for _ in range(MAX_WAITING)]
    await asyncio.sleep(0)
    with pytest.raises(RateLimited):
        await passwords.hash(GOOD)
    with pytest.raises(RateLimited):
        await passwords.verify(None, GOOD)
    go_on.set()
    assert await asyncio.gather(*waiting) == ["hash"] * MAX_WAITING
    assert await passwords.hash(GOOD) == "hash"


# Else a wrong password whose first form was checked would not count as a guess.
async def test_a_started_verification_completes_while_others_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    passwords = PasswordHashes(memory_kib=8)
    stored = await passwords.hash(GOOD)
    matches = PasswordHashes._matches

    def crowded(self: PasswordHashes, password_hash: str, form: str) -> bool:
        self._waiting = 2 * MAX_WAITING
        return matches(self, password_hash, form)

    monkeypatch.setattr(PasswordHashes, "_matches", crowded)
    assert not await passwords.verify(stored, "\u00e9tude 123")
