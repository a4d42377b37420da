"""What can happen to an overdracht, to its endpoint, and in verbindend samenwerken."""

from uuid import UUID

from tests.scenarios.gegevens import PROFESSIONAL, voorbeeld
from tests.scenarios.handelen import GEBEURT, act, act_as_team, moment_of, overdracht_of, partij, receiver_of
from tests.scenarios.vertelling import KloptNiet, Regel, Verteller
from tests.scenarios.wereld import Eindpunt


@GEBEURT.zin(
    "het lokale team bevestigt de ontvangst",
    "het lokale team van <gemeente> bevestigt de ontvangst",
    "<wie:de ketenpartner> bevestigt de ontvangst",
    velden="gebeurd_op",
)
async def confirm_ontvangst(verteller: Verteller, regel: Regel) -> None:
    """`gebeurd_op`: it happened earlier, and the hub hears of it only now."""
    body = voorbeeld("ontvangstbevestiging", bevestigdOp=moment_of(regel, "gebeurd_op"))
    await act_as_team(verteller, regel, "ontvangstbevestiging", body)


@GEBEURT.zin("<wie> bevestigt de ontvangst van een overdracht aan <gemeente>")
async def confirm_for_another(verteller: Verteller, regel: Regel) -> None:
    """A gemeente answers for an overdracht that is not its own."""
    overdracht = await overdracht_of(verteller, regel, regel.gat("gemeente"))
    door = partij(verteller, regel.gaten["wie"])
    await act(verteller, regel, "ontvangstbevestiging", {}, over=UUID(str(overdracht["id"])), door=door)


@GEBEURT.zin(
    "het lokale team verdeelt de casus",
    "het lokale team van <gemeente> verdeelt de casus",
    "<wie:de ketenpartner> pakt de casus op",
    "<wie> aanvaardt het aanbod",
    velden="gebeurd_op",
)
async def take_up(verteller: Verteller, regel: Regel) -> None:
    body = voorbeeld("verdeling", opgepaktOp=moment_of(regel, "gebeurd_op"))
    await act_as_team(verteller, regel, "verdeling", body)


@GEBEURT.zin(
    "het lokale team koppelt terug: <criteria>",
    "het lokale team van <gemeente> koppelt terug: <criteria>",
    "<wie:de ketenpartner> koppelt terug: <criteria>",
    "<wie> geeft de casus terug: <criteria>",
    velden="hulpverlening gericht_op_geweld veiligheid_centraal",
)
async def give_back(verteller: Verteller, regel: Regel) -> None:
    """The form of MB 7.1; `<criteria>` are its boxes, with commas: `geen contact, zorgen groter`."""
    criteria = [name.strip().replace(" ", "-") for name in regel.gaten["criteria"].split(",")]
    body = voorbeeld(
        "terugkoppeling",
        criteria=criteria,
        betrokkenHulpverlening=regel.velden.get("hulpverlening"),
        hulpGerichtOpGeweld=regel.velden.get("gericht_op_geweld"),
        veiligheidCentraal=regel.velden.get("veiligheid_centraal"),
    )
    await act_as_team(verteller, regel, "terugkoppeling", body)


@GEBEURT.zin(
    "het lokale team weigert de overdracht: <code>",
    "<wie:de ketenpartner> weigert de overdracht: <code>",
    "<wie> weigert of betwist het aanbod: <code>",
)
async def refuse(verteller: Verteller, regel: Regel) -> None:
    """`<code>` says what is wrong with the sending: `geen inwoner`, `onvolledig`."""
    await act_as_team(verteller, regel, "weigering", voorbeeld("weigering", code=regel.gaten["code"].replace(" ", "-")))


@GEBEURT.zin("Veilig Thuis trekt de overdracht in", "<wie> trekt het aanbod aan <gemeente> in")
async def withdraw(verteller: Verteller, regel: Regel) -> None:
    overdracht = await overdracht_of(verteller, regel, regel.gat("gemeente"))
    door = partij(verteller, regel.gat("wie") or "Veilig Thuis")
    await act(verteller, regel, "intrekking", voorbeeld("intrekking"), over=UUID(str(overdracht["id"])), door=door)


@GEBEURT.zin(
    "Veilig Thuis vraagt verbindend samenwerken[ bij <urgentie:crisis>]",
    "Veilig Thuis vraagt verbindend samenwerken <zonder:zonder toestemming>",
)
async def ask_vbs(verteller: Verteller, regel: Regel) -> None:
    """The client has given consent, unless the sentence says otherwise (MB 4.2)."""
    body = {
        "toestemming": "zonder" not in regel.gaten,
        "urgentie": regel.gat("urgentie") or "regulier",
        "aanvrager": PROFESSIONAL,
    }
    antwoord = await act(verteller, regel, "samenwerking", body, over=verteller.zaak(regel).casus_id)
    if antwoord.gelukt:
        verteller.zaak(regel).samenwerking_id = UUID(antwoord.inhoud["id"])


_VBS = {
    "meldt dat er geen capaciteit is": "capaciteitssignaal",
    "verdeelt de VBS-casus": "vbs-verdeling",
    "meldt het eerste contact met Veilig Thuis": "eerste-contact",
}


@GEBEURT.zin(
    *(f"het lokale team <wat:{wat}>" for wat in _VBS),
    "het lokale team spreekt de betrokkenen: <wijze:huisbezoek|contact>",
)
async def answer_vbs(verteller: Verteller, regel: Regel) -> None:
    """What the team tells about verbindend samenwerken, in the order of MB 4.2."""
    wijze = regel.gat("wijze")
    vorm, body = ("contact", {"wijze": wijze}) if wijze else (_VBS[regel.gaten["wat"]], {})
    over = verteller.zaak(regel).samenwerking_id
    if over is None:
        raise KloptNiet("er is geen verbindend samenwerken gevraagd")
    await act(verteller, regel, vorm, body, over=over, door=verteller.zaak(regel).gemeente)


@GEBEURT.zin("de overdracht wordt opnieuw aangeboden")
async def offer_again(verteller: Verteller, regel: Regel) -> None:
    overdracht = await overdracht_of(verteller, regel)
    await act(verteller, regel, "aflevering", {}, over=UUID(str(overdracht["id"])), door=receiver_of(overdracht))


@GEBEURT.zin(
    "het endpoint van de gemeente <hoe:ligt plat|weigert de overdracht|werkt weer>",
    "het endpoint van <wie> <hoe:ligt plat|weigert de overdracht|werkt weer>",
)
async def change_endpoint(verteller: Verteller, regel: Regel) -> None:
    staat = {"ligt plat": Eindpunt.PLAT, "weigert de overdracht": Eindpunt.WEIGERT, "werkt weer": Eindpunt.WERKT}
    await verteller.wereld.set_endpoint(partij(verteller, regel.gat("wie") or "de gemeente"), staat[regel.gaten["hoe"]])


@GEBEURT.zin("het lokale team stelt het <plan:veiligheidsplan|hulpverleningsplan|herstelplan> op")
async def draw_up_plan(verteller: Verteller, regel: Regel) -> None:
    """FS, MB 4.3: the receiving team; what the plan says stays there."""
    body = {"medewerker": PROFESSIONAL, "plannen": [regel.gaten["plan"]], "besprokenMetBetrokkenen": True}
    await act_as_team(verteller, regel, "plan", body)


@GEBEURT.zin("Veilig Thuis stuurt de betrokkenen een brief <brief:met document|zonder contact>", velden="correctie")
async def write_to_betrokkenen(verteller: Verteller, regel: Regel) -> None:
    """One of the two letters of MB 4.1. `correctie`: it was recorded otherwise before."""
    brief = f"betrokkenen-{regel.gaten['brief'].replace(' ', '-')}"
    body = {
        "medewerker": PROFESSIONAL,
        "wijze": "brief",
        "brief": brief,
        "correctie": bool(regel.velden.get("correctie")),
    }
    overdracht = await overdracht_of(verteller, regel)
    await act(verteller, regel, "informering", body, over=UUID(str(overdracht["id"])))


@GEBEURT.zin("het lokale team informeert de betrokkenen: <wijze:huisbezoek|gesprek|telefoon>")
async def tell_betrokkenen(verteller: Verteller, regel: Regel) -> None:
    """Who reported, what, and why the appointment (MB 4.1)."""
    onderwerpen = ["identiteit-melder", "inhoud-melding", "aanleiding-afspraak"]
    body = {"medewerker": PROFESSIONAL, "wijze": regel.gaten["wijze"], "onderwerpen": onderwerpen}
    await act_as_team(verteller, regel, "informering", body)
