"""Sealing: personal data as a compact JWE (`dir`, A256GCM) under the key of its case.

A case key is 32 random bytes, kept wrapped (A256KW) under a key derived from the master key. Destroying the wrapped key
makes every copy unreadable: in the database, on Kafka, in a backup. The protected header is authenticated and names the
case, so a sealed value that is moved to another case does not open.
"""

import base64
import binascii
import hashlib
import hmac
import os
import unicodedata
from collections.abc import Mapping
from typing import Any, NoReturn, Protocol, TypeVar

import orjson
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.keywrap import InvalidUnwrap, aes_key_unwrap, aes_key_wrap
from pydantic import BaseModel, ValidationError

from contracts.messages.envelope import problems_of
from contracts.messages.identifiers import CasusId
from contracts.messages.verzegeld import Verzegeld

M = TypeVar("M", bound=BaseModel)

KEY_BYTES = 32
_IV_BYTES = 12
_TAG_BYTES = 16


class Sealer(Protocol):
    """Seals and opens under the key of one case. A destroyed key makes `open` raise `CaseShredded`."""

    def seal(self, value: M) -> Verzegeld[M]: ...

    def open(self, sealed: Verzegeld[M], model: type[M]) -> M: ...


class SealBroken(Exception):
    """A sealed value that does not open: altered, of another case, or under another master key. Says nothing of it."""


class CaseShredded(Exception):
    """The key of this case has been destroyed; nothing of it can be sealed or opened any more."""

    def __init__(self, casus_id: CasusId) -> None:
        super().__init__(f"de sleutel van casus {casus_id} is vernietigd")
        self.casus_id = casus_id


class MasterKey:
    """The one secret of an installation: 32 bytes, from which separate keys for separate uses are derived.

    Its `repr` shows nothing.
    """

    __slots__ = ("_index_key", "_token_key", "_wrapping_key")

    def __init__(self, secret: bytes) -> None:
        if len(secret) != KEY_BYTES:
            raise ValueError(f"de hoofdsleutel moet {KEY_BYTES} bytes zijn, gecodeerd als base64")
        self._wrapping_key = _derive(secret, b"houvast/casussleutels/v1")
        self._index_key = _derive(secret, b"houvast/blinde-index/v1")
        self._token_key = _derive(secret, b"houvast/toegangstokens/v1")

    @classmethod
    def generate(cls) -> "MasterKey":
        return cls(os.urandom(KEY_BYTES))

    @classmethod
    def from_base64(cls, text: str) -> "MasterKey":
        """From standard or URL-safe base64. Raises `ValueError` that never repeats the text."""
        try:
            secret = base64.b64decode(text.strip().replace("-", "+").replace("_", "/") + "==", validate=False)
        except (binascii.Error, ValueError):
            raise ValueError("de hoofdsleutel is geen geldige base64") from None
        return cls(secret)

    def __repr__(self) -> str:
        return "MasterKey(…)"

    def wrap(self, case_key: bytes) -> bytes:
        return aes_key_wrap(self._wrapping_key, case_key)

    def unwrap(self, wrapped: bytes) -> bytes:
        """The case key in `wrapped`. Raises `SealBroken` when it was not wrapped under this master key."""
        try:
            return aes_key_unwrap(self._wrapping_key, wrapped)
        except (InvalidUnwrap, ValueError):
            raise SealBroken("een casussleutel hoort niet bij deze hoofdsleutel") from None

    def index_of(self, text: str) -> str:
        return _keyed(self._index_key, text)

    def token_of(self, text: str) -> str:
        """A secret of 256 bits that only this installation can make, always the same for the same text."""
        return _keyed(self._token_key, text)


def blind_index(master: MasterKey, text: str) -> str:
    """The same key for the same text, whatever its capitals, accents, spaces or punctuation.

    Without the master key it tells nobody what the text was: 43 characters of URL-safe base64.

    Start the text with what it is (`bsn 123…`), so that different kinds never meet. Raises `ValueError` when nothing is
    left after normalising: an empty name would make strangers meet.
    """
    normalised = _normalise(text)
    if not normalised:
        raise ValueError("there is nothing to index")
    return master.index_of(normalised)


class CaseSealer:
    """Seals and opens for one case."""

    __slots__ = ("_aead", "_casus_id", "_header")

    def __init__(self, casus_id: CasusId, case_key: bytes) -> None:
        self._casus_id = casus_id
        self._aead = AESGCM(case_key)
        self._header = _b64(orjson.dumps({"alg": "dir", "enc": "A256GCM", "kid": str(casus_id)}))

    def seal(self, value: M) -> Verzegeld[M]:
        """`value` as JSON (camelCase, empty fields left out) under the key of this case."""
        initialisation = os.urandom(_IV_BYTES)
        plain = value.model_dump_json(by_alias=True, exclude_none=True).encode()
        sealed = self._aead.encrypt(initialisation, plain, self._header)
        parts = (self._header, b"", _b64(initialisation), _b64(sealed[:-_TAG_BYTES]), _b64(sealed[-_TAG_BYTES:]))
        return Verzegeld(b".".join(parts).decode())

    def open(self, sealed: Verzegeld[M], model: type[M]) -> M:
        """What was sealed; fields that `model` does not know are left out.

        Raises `SealBroken` when it was altered, is of another case or does not fit `model`.
        """
        plain = self._decrypt(sealed.jwe.encode())
        try:
            return model.model_validate_json(plain, extra="ignore")
        except ValidationError as error:
            places = ", ".join(problem.place for problem in problems_of(error))
        raise SealBroken(f"de verzegelde inhoud past niet op {model.__name__}: {places}")

    def _decrypt(self, jwe: bytes) -> bytes:
        parts = jwe.split(b".")
        if len(parts) != 5 or parts[1]:  # noqa: PLR2004  RFC 7516: five parts, no encrypted key with `dir`
            raise SealBroken("een verzegelde waarde heeft niet de vorm van een JWE")
        header, _, initialisation, content, tag = parts
        if header != self._header:
            self._check_header(header)
        try:
            return self._aead.decrypt(_unb64(initialisation), _unb64(content) + _unb64(tag), header)
        except (InvalidTag, ValueError):
            raise SealBroken("een verzegelde waarde is veranderd of onder een andere sleutel gesloten") from None

    def _check_header(self, encoded: bytes) -> None:
        """Another maker may order the header differently; what it says must be the same."""
        try:
            header: Any = orjson.loads(_unb64(encoded))
        except ValueError:
            raise SealBroken("de kop van een verzegelde waarde is onleesbaar") from None
        if header != {"alg": "dir", "enc": "A256GCM", "kid": str(self._casus_id)}:
            raise SealBroken("een verzegelde waarde is van een andere casus of anders gesloten")


class ShreddedSealer:
    """Stands where the key of a case was destroyed: refuses everything with `CaseShredded`."""

    __slots__ = ("_casus_id",)

    def __init__(self, casus_id: CasusId) -> None:
        self._casus_id = casus_id

    def seal(self, value: BaseModel) -> NoReturn:  # noqa: ARG002  the port
        raise CaseShredded(self._casus_id)

    def open(self, sealed: Verzegeld[M], model: type[M]) -> NoReturn:  # noqa: ARG002  the port
        raise CaseShredded(self._casus_id)


class SealerBatch:
    """The seals of the cases of one transaction.

    `keys` holds the wrapped keys as the store gave them (`sleutels.load_keys`), `None` where one was destroyed; a case
    that is missing gets a new key when something of it is first sealed. `new_keys` are those, wrapped, to be inserted
    in the same transaction.
    """

    def __init__(self, master: MasterKey, keys: Mapping[CasusId, bytes | None]) -> None:
        self.new_keys: dict[CasusId, bytes] = {}
        self._master = master
        self._keys = keys
        self._sealers: dict[CasusId, Sealer] = {}

    def for_case(self, casus_id: CasusId) -> Sealer:
        sealer = self._sealers.get(casus_id)
        if sealer is None:
            sealer = self._sealers[casus_id] = self._make(casus_id)
        return sealer

    def _make(self, casus_id: CasusId) -> Sealer:
        if casus_id not in self._keys:
            return _KeylessSealer(self, casus_id)
        wrapped = self._keys[casus_id]
        if wrapped is None:
            return ShreddedSealer(casus_id)
        return _WrappedSealer(self._master, casus_id, wrapped)

    def create_key(self, casus_id: CasusId) -> CaseSealer:
        """A new key for a case that has none, listed in `new_keys`."""
        case_key = os.urandom(KEY_BYTES)
        self.new_keys[casus_id] = self._master.wrap(case_key)
        sealer = self._sealers[casus_id] = CaseSealer(casus_id, case_key)
        return sealer


class _WrappedSealer:
    """The seal of a case whose key is only unwrapped when something is sealed or opened; most events need neither."""

    __slots__ = ("_casus_id", "_master", "_sealer", "_wrapped")

    def __init__(self, master: MasterKey, casus_id: CasusId, wrapped: bytes) -> None:
        self._master = master
        self._casus_id = casus_id
        self._wrapped = wrapped
        self._sealer: CaseSealer | None = None

    def seal(self, value: M) -> Verzegeld[M]:
        return self._unwrapped().seal(value)

    def open(self, sealed: Verzegeld[M], model: type[M]) -> M:
        return self._unwrapped().open(sealed, model)

    def _unwrapped(self) -> CaseSealer:
        if self._sealer is None:
            self._sealer = CaseSealer(self._casus_id, self._master.unwrap(self._wrapped))
        return self._sealer


class _KeylessSealer:
    """A case without a key: sealing makes one, opening cannot succeed."""

    __slots__ = ("_batch", "_casus_id", "_sealer")

    def __init__(self, batch: SealerBatch, casus_id: CasusId) -> None:
        self._batch = batch
        self._casus_id = casus_id
        self._sealer: CaseSealer | None = None

    def seal(self, value: M) -> Verzegeld[M]:
        if self._sealer is None:
            self._sealer = self._batch.create_key(self._casus_id)
        return self._sealer.seal(value)

    def open(self, sealed: Verzegeld[M], model: type[M]) -> M:
        if self._sealer is None:
            raise SealBroken(f"casus {self._casus_id} heeft geen sleutel")
        return self._sealer.open(sealed, model)


def _derive(secret: bytes, purpose: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=purpose).derive(secret)


def _keyed(key: bytes, text: str) -> str:
    """43 characters of URL-safe base64."""
    return _b64(hmac.digest(key, text.encode(), hashlib.sha256)).decode()


def _normalise(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text).casefold()
    return "".join(filter(str.isalnum, decomposed))


def _b64(raw: bytes) -> bytes:
    return base64.urlsafe_b64encode(raw).rstrip(b"=")


def _unb64(text: bytes) -> bytes:
    return base64.b64decode(text + b"=" * (-len(text) % 4), altchars=b"-_", validate=True)
