"""What can happen at Veilig Thuis and at the meldpunt: melding, triagebesluit, diensten, overname."""

from uuid import UUID

from contracts.messages.identifiers import CasusId
from contracts.messages.topics import Service
from tests.scenarios.gegevens import PROFESSIONAL, Inhoud, document, feiten, voorbeeld
from tests.scenarios.handelen import (
    GEBEURT,
    act,
    dienst_of,
    gemeente,
    household_of,
    melding_of,
    moment_of,
    new_kenmerk,
    ontvangers_of,
    partij,
)
from tests.scenarios.vertelling import KloptNiet, Regel, Verteller, Zaak
from tests.scenarios.wereld import Daad

BESLUITEN = "directe overdracht|dienst voorwaarden en vervolg|dienst onderzoek|overleg|geen vervolg|acute crisis"
_BESLUIT = {"dienst voorwaarden en vervolg": "dienst-voorwaarden-vervolg"}


@GEBEURT.zin(
    "Veilig Thuis ontvangt een melding[ van <bron:burger|professional|politie|ambtshalve>]"
    "[ met urgentie <urgentie:spoed|crisis>]",
    velden="feiten anoniem huishouden gemeente ontvangen_op bij",
)
async def receive_melding(verteller: Verteller, regel: Regel) -> None:
    """A melding begins the case of this line."""
    code = gemeente(verteller, regel.velden["gemeente"]) if "gemeente" in regel.velden else verteller.verhaal.gemeente
    body = voorbeeld(
        "melding",
        kenmerk=new_kenmerk(verteller),
        bron=regel.gat("bron") or "professional",
        urgentie=regel.gat("urgentie") or "regulier",
        gemeente=code,
        ontvangenOp=moment_of(regel, "ontvangen_op"),
        feiten=feiten(regel.velden.get("feiten", ())),
        **household_of(verteller, regel),
    )
    if regel.velden.get("anoniem"):
        body["melder"] = {"wilAnoniemBlijven": True}
    door = partij(verteller, regel.velden.get("bij", "Veilig Thuis"))
    antwoord = await verteller.do(Daad("melding", door, body, verteller.new_key()))
    if antwoord.gelukt:
        zaak = Zaak(CasusId(UUID(antwoord.inhoud["casusId"])), code, melding_id=UUID(antwoord.inhoud["id"]))
        verteller.zaken[regel.casus] = zaak


@GEBEURT.zin("dezelfde melding komt nog een keer", "hetzelfde bericht komt nog een keer")
async def repeat(verteller: Verteller, regel: Regel) -> None:
    """The last request comes again under a key of its own, as from a sender that did not hear the answer."""
    del regel
    if verteller.laatste is None:
        raise KloptNiet("er is nog niets gebeurd")
    last = verteller.laatste
    again = Daad(last.vorm, last.door, last.inhoud, verteller.new_key(), last.casus_id, last.over)
    await verteller.do(again)


@GEBEURT.zin("Veilig Thuis legt vast", velden="feiten")
async def add_feiten(verteller: Verteller, regel: Regel) -> None:
    """Facts become known after the melding."""
    body = {"vastgesteldDoor": PROFESSIONAL, "feiten": feiten(regel.velden["feiten"])}
    await act(verteller, regel, "feiten", body, over=melding_of(verteller, regel))


@GEBEURT.zin("Veilig Thuis informeert de melder: <wijze:brief|telefoon|gesprek|e-mail>")
async def inform_melder(verteller: Verteller, regel: Regel) -> None:
    """BK annex 1: the melder hears that something was done."""
    body = {"medewerker": PROFESSIONAL, "wijze": regel.gaten["wijze"]}
    await act(verteller, regel, "melderinformering", body, over=melding_of(verteller, regel))


@GEBEURT.zin(
    f"Veilig Thuis besluit tot <besluit:{BESLUITEN}>",
    f"<wie:.+> besluit tot <besluit:{BESLUITEN}>",
    velden="aan team missend oordelen reden",
)
async def decide(verteller: Verteller, regel: Regel) -> None:
    """The triagebesluit of a named professional; with a directe overdracht goes its document."""
    besluit = regel.gaten["besluit"]
    body: Inhoud = {
        "besluit": _BESLUIT.get(besluit, besluit.replace(" ", "-")),
        "genomenDoor": {"naam": "Roderick Verzonnen", "functie": "triagist"},
        "afwegingen": "De afwegingen van het verhaal.",
        "oordelen": feiten(regel.velden.get("oordelen", ())),
    }
    if "reden" in regel.velden:
        body["redenAfwijking"] = regel.velden["reden"]
    if besluit == "directe overdracht":
        body["overdrachtsdocument"] = document("triagebesluit", regel.velden.get("missend", ()))
        body["ontvangers"] = ontvangers_of(verteller, regel)
    door = partij(verteller, regel.gat("wie") or "Veilig Thuis")
    await act(verteller, regel, "triagebesluit", body, over=melding_of(verteller, regel), door=door)


@GEBEURT.zin("Veilig Thuis start de dienst <dienst:voorwaarden en vervolg|onderzoek>")
async def start_dienst(verteller: Verteller, regel: Regel) -> None:
    soort = {"voorwaarden en vervolg": "voorwaarden-vervolg"}.get(regel.gaten["dienst"], regel.gaten["dienst"])
    body = voorbeeld("dienst", dienstsoort=soort)
    antwoord = await act(verteller, regel, "dienst", body, over=verteller.zaak(regel).casus_id)
    if antwoord.gelukt:
        verteller.zaak(regel).dienst_id = UUID(antwoord.inhoud["id"])


@GEBEURT.zin(
    "Veilig Thuis rondt de dienst af",
    "Veilig Thuis rondt de dienst af met een <gesprek:warme overdracht>",
    "Veilig Thuis rondt de dienst af en plant een <gesprek:overdrachtsgesprek>",
    velden="aan team missend gesprek_op",
)
async def finish_dienst(verteller: Verteller, regel: Regel) -> None:
    """With an overdracht to the local team and the extra content of MB 4.3; on its own without a conversation."""
    body = voorbeeld(
        "afronding",
        ontvangers=ontvangers_of(verteller, regel),
        overdrachtsdocument=document("afronding", regel.velden.get("missend", ())),
    )
    match regel.gat("gesprek"):
        case "warme overdracht":
            body["overdrachtsgesprek"] = {"uitkomst": "gehouden", "op": regel.moment.isoformat()}
        case "overdrachtsgesprek":
            body["overdrachtsgesprek"] = {"uitkomst": "gepland", "op": moment_of(regel, "gesprek_op")}
        case _:
            pass
    await act(verteller, regel, "afronding", body, over=dienst_of(verteller, regel))


@GEBEURT.zin("het overdrachtsgesprek wordt gehouden")
async def hold_gesprek(verteller: Verteller, regel: Regel) -> None:
    """The warm overdracht that was planned when the dienst ended (MB 4.3)."""
    body = voorbeeld("overdrachtsgesprek", op=regel.moment.isoformat())
    await act(verteller, regel, "overdrachtsgesprek", body, over=dienst_of(verteller, regel))


@GEBEURT.zin("Veilig Thuis verzet het overdrachtsgesprek", velden="gesprek_op")
async def move_gesprek(verteller: Verteller, regel: Regel) -> None:
    """To another moment than it was planned for."""
    body = voorbeeld("overdrachtsgesprek", uitkomst="gepland", op=moment_of(regel, "gesprek_op"))
    await act(verteller, regel, "overdrachtsgesprek", body, over=dienst_of(verteller, regel))


@GEBEURT.zin("het overdrachtsgesprek blijkt niet haalbaar")
async def drop_gesprek(verteller: Verteller, regel: Regel) -> None:
    """The case stays handed over digitally only (MB 4.3)."""
    body = voorbeeld("overdrachtsgesprek", uitkomst="niet-haalbaar", op=None, reden="Het gezin wil geen gesprek.")
    await act(verteller, regel, "overdrachtsgesprek", body, over=dienst_of(verteller, regel))


@GEBEURT.zin("Veilig Thuis rondt de dienst af zonder overdracht", velden="reden")
async def finish_dienst_here(verteller: Verteller, regel: Regel) -> None:
    reden = regel.velden.get("reden", "Er is geen vervolg nodig.")
    body = voorbeeld(
        "afronding",
        ontvangers=None,
        overdrachtsdocument=None,
        overdrachtsgesprek=None,
        redenGeenOverdracht=reden,
    )
    await act(verteller, regel, "afronding", body, over=dienst_of(verteller, regel))


@GEBEURT.zin(
    "het meldpunt ontvangt een <soort:crisis|melding> met vermoeden van huiselijk geweld",
    "het meldpunt ontvangt een <soort:crisis|melding> en zet door naar"
    " <uitkomst:advies|lokale veld|zorgaanbieder|ggz crisisdienst|oggz|veilig thuis>",
    velden="huishouden",
)
async def receive_meldpuntmelding(verteller: Verteller, regel: Regel) -> None:
    """Suspected huiselijk geweld goes to Veilig Thuis, whatever else the meldpunt concludes (BK part II)."""
    body = voorbeeld(
        "meldpuntmelding",
        kenmerk=new_kenmerk(verteller),
        gemeente=verteller.verhaal.gemeente,
        crisis=regel.gaten["soort"] == "crisis",
        vermoedenHgkm="uitkomst" not in regel.gaten,
        uitkomst=regel.gaten.get("uitkomst", "veilig thuis").replace(" ", "-"),
        **household_of(verteller, regel),
    )
    door = partij(verteller, "het meldpunt")
    antwoord = await verteller.do(Daad("meldpuntmelding", door, body, verteller.new_key()))
    if antwoord.gelukt:
        casus_id = CasusId(UUID(antwoord.inhoud["casusId"]))
        zaak = Zaak(casus_id, verteller.verhaal.gemeente, meldpuntmelding_id=UUID(antwoord.inhoud["id"]))
        verteller.zaken[regel.casus] = zaak
        meldingen = await verteller.rows(Service.TRIAGE, "melding", regel)
        zaak.melding_id = UUID(str(meldingen[0]["id"])) if meldingen else None


@GEBEURT.zin("Veilig Thuis neemt de melding van het meldpunt over", "<wie> neemt de melding van het meldpunt over")
async def take_over(verteller: Verteller, regel: Regel) -> None:
    """Whoever takes over says so itself, with its own token."""
    over = verteller.zaak(regel).meldpuntmelding_id
    door = partij(verteller, regel.gat("wie") or "Veilig Thuis")
    await act(verteller, regel, "overname", {}, over=over, door=door)


@GEBEURT.zin(
    "het meldpunt vraagt <wie> de melding over te nemen",
    "het meldpunt meldt dat <wie> de melding heeft overgenomen, volgens <functie>",
    velden="gebeurd_op",
)
async def ask_to_take_over(verteller: Verteller, regel: Regel) -> None:
    """An offer; with `<functie>` a proof of who there accepted, at `gebeurd_op` where that is earlier."""
    body: Inhoud = {"door": partij(verteller, regel.gaten["wie"])}
    if "functie" in regel.gaten:
        op = moment_of(regel, "gebeurd_op") or regel.moment.isoformat()
        body["bewijs"] = {"functie": regel.gaten["functie"], "op": op}
    over = verteller.zaak(regel).meldpuntmelding_id
    await act(verteller, regel, "overname", body, over=over, door=partij(verteller, "het meldpunt"))
