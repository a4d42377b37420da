"""Whoever the agreements name as a party that a case can be handed to, can be found in the sample register."""

from contracts.afspraken import Drager, load_rule_book
from contracts.afspraken.model import Partijrol
from tests.scenarios.geheugen import sample_register


def test_every_party_that_the_agreements_name_is_in_the_sample_register() -> None:
    register = sample_register()
    named = {
        regel.partij for doc in load_rule_book().documenten for _, regel in doc.regels if isinstance(regel, Partijrol)
    }
    assert len(named) > 8
    assert {code for code in named - set(Drager) if not register.knows(code)} == set()


def test_the_parties_of_both_regions_have_a_road_and_somebody_to_call() -> None:
    register = sample_register()
    for word in ("veiligheidshuis", "politie", "bemoeizorg", "ggz-crisisdienst"):
        found = [partij for partij in register.partijen() if partij.code.startswith(word)]
        assert {partij.regio for partij in found} == {"west-brabant", "midden-brabant"}
        assert all(partij.endpoint is not None for partij in found)
        assert all({rol.rol for rol in partij.rollen} >= {"coordinator", "leidinggevende"} for partij in found)
