"""What sealing promises (G6)."""

import base64
import os
from uuid import UUID

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jwe
from joserfc.jwk import OctKey
from pydantic import BaseModel

from contracts.messages.envelope import Bericht
from contracts.messages.identifiers import CasusId
from contracts.messages.verzegeld import Verzegeld
from services.runtime.access.sealing import (
    CaseSealer,
    CaseShredded,
    MasterKey,
    SealBroken,
    SealerBatch,
    blind_index,
)

CASUS = CasusId(UUID("0195f2f0-0000-7000-8000-000000000001"))
ALGORITHMS = ["dir", "A256GCM"]
ANDERE = CasusId(UUID("0195f2f0-0000-7000-8000-000000000002"))


class Persoon(Bericht):
    volledige_naam: str
    telefoon: str | None = None


class Adres(Bericht):
    straat: str


JAN = Persoon(volledige_naam="Jan Jansen")


def test_what_is_sealed_opens_to_the_same() -> None:
    sealer = SealerBatch(MasterKey.generate(), {}).for_case(CASUS)
    assert sealer.open(sealer.seal(JAN), Persoon) == JAN


@given(name=st.text(min_size=0, max_size=300))
def test_any_text_survives_sealing(name: str) -> None:
    sealer = CaseSealer(CASUS, bytes(32))
    value = Persoon(volledige_naam=name.encode("utf-8", "ignore").decode())
    assert sealer.open(sealer.seal(value), Persoon) == value


def test_a_sealed_value_shows_nothing_and_is_never_the_same_twice() -> None:
    sealer = CaseSealer(CASUS, bytes(32))
    first, second = sealer.seal(JAN), sealer.seal(JAN)
    assert first.jwe != second.jwe
    assert b"Jansen" not in base64.urlsafe_b64decode(first.jwe.split(".")[3] + "==")


def test_a_sealed_value_is_a_jwe_that_other_software_opens() -> None:
    """RFC 7516, alg `dir`, enc A256GCM."""
    key = os.urandom(32)
    sealed = CaseSealer(CASUS, key).seal(JAN)
    opened = jwe.decrypt_compact(sealed.jwe, OctKey.import_key(key), algorithms=ALGORITHMS)
    assert opened.protected == {"alg": "dir", "enc": "A256GCM", "kid": str(CASUS)}
    assert orjson.loads(opened.plaintext or b"") == {"volledigeNaam": "Jan Jansen"}


def test_a_jwe_of_other_software_opens_here_whatever_the_order_of_its_header() -> None:
    key = os.urandom(32)
    header = {"kid": str(CASUS), "enc": "A256GCM", "alg": "dir"}
    plain = b'{"volledigeNaam":"Jan Jansen"}'
    compact = jwe.encrypt_compact(header, plain, OctKey.import_key(key), algorithms=ALGORITHMS)
    assert CaseSealer(CASUS, key).open(Verzegeld(compact), Persoon) == JAN


@pytest.mark.parametrize("part", [0, 2, 3, 4])
def test_an_altered_value_does_not_open(part: int) -> None:
    sealer = CaseSealer(CASUS, bytes(32))
    parts = sealer.seal(JAN).jwe.split(".")
    parts[part] = ("B" if parts[part][0] != "B" else "C") + parts[part][1:]
    with pytest.raises(SealBroken):
        sealer.open(Verzegeld(".".join(parts)), Persoon)


@given(text=st.text(max_size=200) | st.from_regex(r"[A-Za-z0-9_-]{0,9}(\.[A-Za-z0-9_-]{0,20}){4}", fullmatch=True))
def test_rubbish_is_a_broken_seal_and_nothing_else(text: str) -> None:
    with pytest.raises(SealBroken):
        CaseSealer(CASUS, bytes(32)).open(Verzegeld(text.encode("utf-8", "ignore").decode()), Persoon)


def test_a_value_moved_to_another_case_does_not_open_even_under_the_same_key() -> None:
    sealed = CaseSealer(CASUS, bytes(32)).seal(JAN)
    with pytest.raises(SealBroken, match="andere casus"):
        CaseSealer(ANDERE, bytes(32)).open(sealed, Persoon)


def test_a_value_under_another_key_does_not_open() -> None:
    with pytest.raises(SealBroken):
        CaseSealer(CASUS, os.urandom(32)).open(CaseSealer(CASUS, os.urandom(32)).seal(JAN), Persoon)


def test_content_that_does_not_fit_names_the_place_and_never_the_content() -> None:
    sealer = CaseSealer(CASUS, bytes(32))
    with pytest.raises(SealBroken, match="straat") as broken:
        sealer.open(Verzegeld[Adres](sealer.seal(JAN).jwe), Adres)
    assert "Jansen" not in str(broken.value)
    assert broken.value.__cause__ is None
    assert broken.value.__context__ is None


def test_a_destroyed_key_opens_nothing_and_seals_nothing() -> None:
    master = MasterKey.generate()
    batch = SealerBatch(master, {})
    sealed = batch.for_case(CASUS).seal(JAN)
    shredded = SealerBatch(master, {CASUS: None})
    with pytest.raises(CaseShredded):
        shredded.for_case(CASUS).open(sealed, Persoon)
    with pytest.raises(CaseShredded):
        shredded.for_case(CASUS).seal(JAN)
    assert shredded.new_keys == {}


def test_a_new_case_gets_one_key_at_its_first_seal_and_another_batch_opens_with_it() -> None:
    master = MasterKey.generate()
    batch = SealerBatch(master, {})
    early = batch.for_case(CASUS)
    assert batch.new_keys == {}
    sealed = [early.seal(JAN), early.seal(JAN), batch.for_case(CASUS).seal(JAN)]
    assert set(batch.new_keys) == {CASUS}
    later = SealerBatch(master, batch.new_keys)
    assert [later.for_case(CASUS).open(value, Persoon) for value in sealed] == [JAN] * 3
    assert later.new_keys == {}


def test_opening_for_a_case_without_a_key_makes_no_key() -> None:
    batch = SealerBatch(MasterKey.generate(), {})
    with pytest.raises(SealBroken, match="geen sleutel"):
        batch.for_case(CASUS).open(CaseSealer(CASUS, bytes(32)).seal(JAN), Persoon)
    assert batch.new_keys == {}


def test_a_key_wrapped_under_another_master_key_is_of_no_use() -> None:
    batch = SealerBatch(MasterKey.generate(), {})
    sealed = batch.for_case(CASUS).seal(JAN)
    other = SealerBatch(MasterKey.generate(), batch.new_keys).for_case(CASUS)
    with pytest.raises(SealBroken, match="hoofdsleutel"):
        other.open(sealed, type(JAN))
    with pytest.raises(SealBroken, match="hoofdsleutel"):
        other.seal(JAN)


@pytest.mark.parametrize("text", ["", "kort", "é" * 44, base64.b64encode(bytes(31)).decode()])
def test_a_master_key_of_another_shape_is_refused_without_repeating_it(text: str) -> None:
    with pytest.raises(ValueError, match="hoofdsleutel") as refused:
        MasterKey.from_base64(text)
    assert not text or text not in str(refused.value)


def test_a_master_key_shows_nothing_and_reads_both_alphabets() -> None:
    secret = b"\xfb\xff" * 16
    standard, urlsafe = base64.b64encode(secret).decode(), base64.urlsafe_b64encode(secret).decode().rstrip("=")
    first, second = MasterKey.from_base64(standard + "\n"), MasterKey.from_base64(urlsafe)
    assert blind_index(first, "a") == blind_index(second, "a")
    assert repr(first) == "MasterKey(…)"


def test_the_blind_index_sees_through_spelling_and_not_through_meaning() -> None:
    master = MasterKey.generate()
    assert blind_index(master, "adres 4811 AA 12-b") == blind_index(master, "Adres 4811aa 12B")
    assert blind_index(master, "naam Zoë García") == blind_index(master, "naam ZOE GARCI\u0301A")
    assert blind_index(master, "naam Jansen") != blind_index(master, "naam Janssen")
    assert blind_index(master, "naam Jansen") != blind_index(MasterKey.generate(), "naam Jansen")


def test_an_empty_text_has_no_blind_index() -> None:
    with pytest.raises(ValueError, match="nothing"):
        blind_index(MasterKey.generate(), " -. ")


def test_empty_fields_are_left_out_of_what_is_sealed() -> None:
    class Veld(BaseModel):
        telefoon: str | None = "06"

    sealer = CaseSealer(CASUS, bytes(32))
    assert sealer.open(Verzegeld[Veld](sealer.seal(Veld(telefoon=None)).jwe), Veld).telefoon == "06"
    assert sealer.open(Verzegeld[Veld](sealer.seal(Veld(telefoon="07")).jwe), Veld).telefoon == "07"
