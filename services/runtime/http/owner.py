"""Whose form it is. A browser has one session: who signs in in another tab is from then on whoever sends, in every tab.

So a form says for whom it was made, and is not sent under the name of another. What was typed in it is for whoever
typed it: it travels sealed in the page that says so, and opens for that person alone.
"""

import base64
import hashlib
import os
from collections.abc import Callable

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from services.runtime.access.tokens import Caller
from services.runtime.http.problems import refusal

FIELD = "wie"
"""The field of a form's own that says for whom it was made; one that was open before an upgrade has none."""
KEPT = "bewaard"
OTHER = "ander-aangemeld"
_IV_BYTES = 12
_PURPOSE = "formulier/bewaard"

Derive = Callable[[str], str]
"""Makes a secret of a text that only this installation can make."""


def owner_of(caller: Caller | None) -> str:
    """Who that is, without the name; the empty text where nobody is signed in."""
    if caller is None:
        return ""
    return hashlib.sha256(f"{caller.partij}\n{caller.persoon or ''}".encode()).hexdigest()[:32]


def is_of_another(said: str, caller: Caller) -> bool:
    """Whether a form was made for somebody else than who sends it."""
    return said not in {"", owner_of(caller)}


def check_owner(said: str, caller: Caller) -> None:
    """Raises the 409 for a form that another opened, where nothing that was typed is kept."""
    if is_of_another(said, caller):
        message = (
            "in deze browser is intussen iemand anders aangemeld dan wie deze bladzijde opende; er is niets gedaan"
        )
        raise refusal(409, message, code=OTHER)


def keep(raw: bytes, owner: str, path: str, derive: Derive) -> str:
    """What was typed, sealed for whose form it is and for this form alone."""
    iv = os.urandom(_IV_BYTES)
    sealed = AESGCM(_key(derive)).encrypt(iv, raw, _bound(owner, path))
    return base64.urlsafe_b64encode(iv + sealed).decode()


def give_back(text: str, owner: str, path: str, derive: Derive) -> bytes | None:
    """The same as it was typed; None where it is not for this person or not of this form."""
    try:
        raw = base64.urlsafe_b64decode(text.encode())
        return AESGCM(_key(derive)).decrypt(raw[:_IV_BYTES], raw[_IV_BYTES:], _bound(owner, path))
    except (ValueError, InvalidTag):
        return None


def _key(derive: Derive) -> bytes:
    return hashlib.sha256(derive(_PURPOSE).encode()).digest()


def _bound(owner: str, path: str) -> bytes:
    return f"{owner}\n{path}".encode()
