"""Sealing what is too large to hold: a stream in parts, each under AES-256-GCM with a key of its own stream.

The nonce of a part is its number and whether it is the last, so parts that are exchanged, repeated or cut off do not
open (the STREAM construction). The key is used for one stream only and is itself sealed under the key of its case:
destroying that makes every copy of the stream unreadable.
"""

import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from services.runtime.access.sealing import KEY_BYTES, SealBroken

PART_BYTES = 256 * 1024
_NUMBER_BYTES = 11


def new_stream_key() -> bytes:
    """For one stream, never for a second."""
    return os.urandom(KEY_BYTES)


class Streamseal:
    """Seals and opens the parts of one stream; `about` is what it belongs to, and is authenticated with every part."""

    __slots__ = ("_about", "_aead")

    def __init__(self, key: bytes, about: bytes) -> None:
        self._aead = AESGCM(key)
        self._about = about

    def seal(self, number: int, part: bytes, *, last: bool) -> bytes:
        return self._aead.encrypt(_nonce(number, last=last), part, self._about)

    def open(self, number: int, sealed: bytes, *, last: bool) -> bytes:
        """The part. Raises `SealBroken` when it was altered, is another part or is not the last one after all."""
        try:
            return self._aead.decrypt(_nonce(number, last=last), sealed, self._about)
        except InvalidTag:
            raise SealBroken("een deel van een verzegelde stroom is veranderd of verplaatst") from None


def _nonce(number: int, *, last: bool) -> bytes:
    return number.to_bytes(_NUMBER_BYTES) + bytes((last,))
