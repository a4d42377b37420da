"""A sealed stream opens as it was sealed, or not at all."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.runtime.access.sealed_stream import Streamseal, new_stream_key
from services.runtime.access.sealing import SealBroken

ABOUT = b"deze bijlage"
PARTS = st.lists(st.binary(max_size=40), min_size=1, max_size=6)


def sealed_with(key: bytes, parts: list[bytes]) -> list[bytes]:
    seal = Streamseal(key, ABOUT)
    return [seal.seal(number, part, last=number == len(parts) - 1) for number, part in enumerate(parts)]


def opened_with(key: bytes, sealed: list[bytes], about: bytes = ABOUT) -> list[bytes]:
    seal = Streamseal(key, about)
    return [seal.open(number, part, last=number == len(sealed) - 1) for number, part in enumerate(sealed)]


@given(PARTS)
def test_what_was_sealed_opens_as_it_was(parts: list[bytes]) -> None:
    key = new_stream_key()
    assert opened_with(key, sealed_with(key, parts)) == parts


@given(PARTS, st.data())
def test_what_was_cut_off_exchanged_repeated_or_altered_does_not_open(parts: list[bytes], data: Any) -> None:
    key = new_stream_key()
    sealed = sealed_with(key, [*parts, b"slot"])
    at = data.draw(st.integers(0, len(sealed) - 2))
    altered = bytearray(sealed[at])
    altered[data.draw(st.integers(0, len(altered) - 1))] ^= 1
    wrongs = (
        sealed[: at + 1],
        [*sealed[:at], sealed[at + 1], sealed[at], *sealed[at + 2 :]],
        [*sealed[: at + 1], *sealed[at:]],
        [*sealed[:at], bytes(altered), *sealed[at + 1 :]],
    )
    for wrong in wrongs:
        with pytest.raises(SealBroken):
            opened_with(key, wrong)


def test_another_key_or_another_file_does_not_open() -> None:
    key = new_stream_key()
    sealed = sealed_with(key, [b"een", b"twee"])
    for other, about in ((new_stream_key(), ABOUT), (key, b"een andere bijlage")):
        with pytest.raises(SealBroken):
            opened_with(other, sealed, about)
