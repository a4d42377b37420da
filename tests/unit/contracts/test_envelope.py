"""The envelope: NL GOV profile for CloudEvents 1.1, and what happens to a record that does not keep to it."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.messages.dlq import DodeBrief
from contracts.messages.envelope import (
    MAX_EVENT_BYTES,
    CloudEvent,
    EventTooLarge,
    MalformedMessage,
    decode,
    encode,
    source_urn,
)
from contracts.messages.handover import OverdrachtAangeboden
from contracts.messages.topics import CATALOGUE
from contracts.messages.triage import MeldingOntvangen, TriagebesluitGenomen
from contracts.messages.verzegeld import MAX_JWE_LENGTH, Verzegeld
from services.cli.schemas.files import EVENTS
from tests.builders import CASUS_ID, MOMENT, SEALED, build, cloud_event

SECRET = "Geheim999990019"


def _document(**changes: Any) -> dict[str, Any]:
    document = orjson.loads(encode(cloud_event(build(MeldingOntvangen))))
    return {key: value for key, value in (document | changes).items() if value is not ...}


def _problems(document: object) -> dict[str, str]:
    with pytest.raises(MalformedMessage) as refused:
        decode(orjson.dumps(document), CATALOGUE)
    return {problem.place: problem.message for problem in refused.value.problems}


class TestWhatIsSent:
    def test_it_has_the_attributes_the_profile_requires(self) -> None:
        document = _document()
        assert document["specversion"] == "1.0"
        assert document["type"] == "nl.sociaaldomein.meldingen.melding-ontvangen.v1"
        assert document["source"] == "urn:nld:oin:00000099000000001000:systeem:houvast-triage"
        assert document["subject"] == str(CASUS_ID)
        assert document["datacontenttype"] == "application/json"

    def test_attribute_names_are_lower_case_letters_and_digits(self) -> None:
        event = cloud_event(build(MeldingOntvangen))
        traced = CloudEvent(**{name: getattr(event, name) for name in event.__slots__} | {"traceparent": _trace("0")})
        names = orjson.loads(encode(traced)).keys()
        assert [name for name in names if not re.fullmatch(r"[a-z0-9]{1,20}", name)] == []
        assert "traceparent" in names

    def test_sequence_travels_as_the_text_the_extension_asks_for(self) -> None:
        document = _document()
        assert (document["sequence"], document["sequencetype"]) == ("1", "Integer")
        without = orjson.loads(encode(cloud_event(build(MeldingOntvangen), sequence=None)))
        assert not {"sequence", "sequencetype"} & without.keys()

    def test_time_goes_out_in_utc_and_fields_in_camel_case(self) -> None:
        event = cloud_event(build(MeldingOntvangen))
        amsterdam = CloudEvent(
            **{name: getattr(event, name) for name in event.__slots__}
            | {"time": MOMENT.astimezone(timezone(timedelta(hours=1)))},
        )
        document = orjson.loads(encode(amsterdam))
        assert document["time"] == "2026-03-02T08:00:00Z"
        assert all(re.fullmatch(r"[a-z][A-Za-z0-9]*", name) for name in document["data"])

    def test_a_time_without_a_zone_is_not_sent(self) -> None:
        event = cloud_event(build(MeldingOntvangen))
        naive = CloudEvent(
            **{name: getattr(event, name) for name in event.__slots__} | {"time": datetime(2026, 3, 2, 9, 0)},  # noqa: DTZ001
        )
        with pytest.raises(ValueError, match="tijdzone"):
            encode(naive)

    def test_an_event_over_64_kilobytes_is_not_sent(self) -> None:
        sealed = Verzegeld[Any](SEALED[:-22] + "A" * 22 + "A" * (MAX_JWE_LENGTH - len(SEALED)))
        fits = build(TriagebesluitGenomen, overdrachtsdocument=sealed)
        assert len(encode(cloud_event(fits))) <= MAX_EVENT_BYTES
        too_large = build(TriagebesluitGenomen, overdrachtsdocument=sealed, genomen_door=sealed)
        with pytest.raises(EventTooLarge, match="hoogstens 65536"):
            encode(cloud_event(too_large))

    def test_a_dead_letter_may_hold_the_largest_event(self) -> None:
        record = "A" * (MAX_EVENT_BYTES * 4 // 3 + 4)
        assert len(encode(cloud_event(build(DodeBrief, record=record)))) > MAX_EVENT_BYTES


@pytest.mark.parametrize("soort", sorted(EVENTS))
def test_a_type_is_a_reverse_domain_with_one_version(soort: str) -> None:
    """NL GOV: most general part first, no organisation, at most one part `v<n>`, at the end."""
    assert re.fullmatch(r"nl\.sociaaldomein\.[a-z]+(-[a-z]+)*\.[a-z]+(-[a-z]+)*\.v[1-9][0-9]*", soort)
    assert not {"houvast", "veiligthuis", "veilig-thuis", "breda"} & set(soort.split("."))


class TestWhatIsRead:
    def test_fields_nobody_here_knows_are_ignored(self) -> None:
        """A message grows by optional fields: old readers go on."""
        document = _document(nieuwattribuut="x")
        document["data"]["nieuwVeld"] = {"a": 1}
        assert decode(orjson.dumps(document), CATALOGUE).data == build(MeldingOntvangen)

    def test_a_form_inside_an_event_is_read_as_tolerantly(self) -> None:
        """What callers send is strict; what a later version of the hub writes is not refused by an earlier one."""
        event = cloud_event(build(OverdrachtAangeboden))
        document = orjson.loads(encode(event))
        document["data"]["overdrachtsdocument"]["laterVeld"] = "x"
        document["data"]["reactie"]["laterVeld"] = "x"
        assert decode(orjson.dumps(document), EVENTS) == event

    def test_a_null_means_left_out(self) -> None:
        document = _document(traceparent=None)
        document["data"]["meldpuntmeldingId"] = None
        assert decode(orjson.dumps(document), CATALOGUE).data == build(MeldingOntvangen)

    def test_a_trace_that_cannot_be_read_costs_no_event(self) -> None:
        assert decode(orjson.dumps(_document(traceparent="onzin")), CATALOGUE).traceparent is None
        assert decode(orjson.dumps(_document(traceparent=_trace("a"))), CATALOGUE).traceparent == _trace("a")

    def test_all_problems_come_at_once_each_with_its_place(self) -> None:
        document = _document(id=..., time="gisteren", source="https://voorbeeld.example")
        document["data"] |= {"gemeente": "Breda", "aantalBetrokkenen": 1.5, "persoonsgegevens": "open"}
        del document["data"]["urgentie"]
        problems = _problems(document)
        assert set(problems) == {
            "id",
            "time",
            "source",
            "data.gemeente",
            "data.aantalBetrokkenen",
            "data.persoonsgegevens",
            "data.urgentie",
        }
        assert problems["id"] == "ontbreekt"
        assert problems["time"] == "is geen moment (ISO 8601 met tijdzone)"
        assert problems["data.aantalBetrokkenen"] == "moet een geheel getal zijn"

    @pytest.mark.parametrize(
        ("change", "place"),
        [
            ({"specversion": "0.3"}, "specversion"),
            ({"subject": "999990019"}, "subject"),
            ({"time": "2026-03-02T09:00:00"}, "time"),
            ({"time": "0001-01-01T00:00:00+14:00"}, "time"),
            ({"time": "9999-12-31T23:59:59-12:00"}, "time"),
            ({"sequence": "0"}, "sequence"),
            ({"sequence": "eerste"}, "sequence"),
            ({"datacontenttype": "application/xml"}, "datacontenttype"),
            ({"data": "tekst"}, "data"),
            ({"data": ...}, "data"),
            (
                {"source": "urn:nld:oin:" + "\u0660" * 20 + ":systeem:x"},
                "source",
            ),
            ({"type": "nl.sociaaldomein.meldingen.onbekend.v1"}, "type"),
        ],
    )
    def test_a_broken_attribute_is_named(self, change: dict[str, Any], place: str) -> None:
        assert list(_problems(_document(**change))) == [place]

    @pytest.mark.parametrize(
        "raw",
        [b"", b"null", b"[]", b'"tekst"', b"{", b"\xff\xfe", b'{"id": "\\ud800"}', b"[" * 5000],
    )
    def test_what_is_no_json_object_is_malformed(self, raw: bytes) -> None:
        with pytest.raises(MalformedMessage) as refused:
            decode(raw, CATALOGUE)
        assert [problem.place for problem in refused.value.problems] == ["$"]

    def test_a_nul_is_refused_and_a_written_out_escape_is_not(self) -> None:
        """PostgreSQL keeps no U+0000; a record with one would fail the whole transaction."""
        assert _problems(_document(id="a\x00b")) == {"$": "bevat een nulteken (\\u0000)"}
        assert decode(orjson.dumps(_document(id="a\\u0000b")), CATALOGUE).id == "a\\u0000b"

    @pytest.mark.parametrize(
        "breakage",
        [
            lambda document: document.pop("time"),
            lambda document: document.update(type="onbekend"),
            lambda document: document["data"].pop("gemeente"),
            lambda document: document.update(id="\x00"),
        ],
    )
    def test_the_case_of_a_broken_record_is_told_while_it_can_be_read(
        self,
        breakage: Callable[[dict[str, Any]], object],
    ) -> None:
        """So that its case can be held while all others go on."""
        document = _document()
        breakage(document)
        with pytest.raises(MalformedMessage) as refused:
            decode(orjson.dumps(document), CATALOGUE)
        assert refused.value.casus_id == CASUS_ID


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63) | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=12,
)


@given(st.binary(max_size=300))
def test_any_bytes_are_an_event_or_malformed(raw: bytes) -> None:
    refused = _refusal(raw)
    assert refused is None or refused.problems


@given(st.sampled_from(sorted(EVENTS)), st.dictionaries(st.text(max_size=12), _JSON, max_size=4), st.data())
def test_any_change_to_an_event_leaves_an_event_or_malformed(
    soort: str,
    extra: dict[str, Any],
    data: st.DataObject,
) -> None:
    document = orjson.loads(encode(cloud_event(build(EVENTS[soort])))) | extra
    for level in (document, document["data"]):
        if isinstance(level, dict):
            for name in data.draw(st.lists(st.sampled_from(sorted(level)), max_size=3, unique=True)) if level else []:
                level[name] = data.draw(_JSON)
    refused = _refusal(orjson.dumps(document))
    assert refused is None or refused.problems


@given(st.sampled_from(sorted(EVENTS)), st.data())
def test_a_refusal_never_repeats_a_value_out_of_the_record(soort: str, data: st.DataObject) -> None:
    """G6: what is written where it does not belong may be a name or a BSN."""
    document = orjson.loads(encode(cloud_event(build(EVENTS[soort]))))
    level = data.draw(st.sampled_from([document, document["data"]]))
    name = data.draw(st.sampled_from(sorted(level)))
    level[name] = data.draw(st.sampled_from([SECRET, [SECRET], {SECRET: SECRET}, {"jwe": SECRET}]))
    refused = _refusal(orjson.dumps(document))
    if refused is not None:
        assert SECRET not in str(refused)
        assert SECRET not in repr(refused)
        assert SECRET not in str(refused.soort)
        assert refused.__context__ is None or refused.__suppress_context__


@given(st.sampled_from(sorted(EVENTS)), st.integers(1, 2**40), st.none() | st.integers(1, 2**31))
def test_reading_gives_back_what_was_sent(soort: str, number: int, sequence: int | None) -> None:
    event = cloud_event(build(EVENTS[soort]), number=number, sequence=sequence)
    assert decode(encode(event), EVENTS) == event


def test_source_names_organisation_and_system() -> None:
    assert source_urn("00000099000000001000", "handover") == (
        "urn:nld:oin:00000099000000001000:systeem:houvast-handover"
    )


def _trace(digit: str) -> str:
    return f"00-{digit * 32}-{digit * 16}-01"


def _refusal(raw: bytes) -> MalformedMessage | None:
    """Reads a record; any exception but `MalformedMessage` is the failure looked for."""
    try:
        decode(raw, EVENTS)
    except MalformedMessage as refused:
        return refused
    return None
