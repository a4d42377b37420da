"""`houvast bench storm` on two of its faults: what it strikes is real, and its auditor finds nothing wrong."""

import json

import pytest

from lab.ground.kafka_jars import can_run
from tests.fixtures.processen import houvast

pytestmark = [
    pytest.mark.database,
    pytest.mark.timeout(600),
    pytest.mark.skipif(can_run() is not None, reason="no Java or Maven for an Apache Kafka of one's own"),
]


def test_a_short_storm_loses_doubles_and_accuses_nobody() -> None:
    done = houvast(
        *(
            "bench",
            "storm",
            "--seed",
            "7",
            "--storing",
            "kafka-dood",
            "--storing",
            "gif-schema",
            "--tempo",
            "1",
            "--json",
        ),
        limit=580,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    told = json.loads(done.stdout)
    rondes = {ronde["storing"]: ronde for ronde in told["rondes"]}
    assert {"kafka-dood", "gif-schema"} <= rondes.keys()
    assert told["schoon"] is True
    assert told["meldingen"] > 0
    assert rondes["gif-schema"]["untold"] is False
    assert any("BerichtTerzijde" in name for name in rondes["gif-schema"]["told"])
    assert rondes["kafka-dood"]["recovery"] is not None


def test_a_fault_that_is_unknown_is_said() -> None:
    done = houvast("bench", "storm", "--storing", "aardbeving")
    assert done.returncode != 0
    assert "aardbeving" in done.stderr
