"""Playing the story on a real hub: every act is a request, as the party that acts."""

import asyncio
import time
from datetime import timedelta
from pathlib import Path
from typing import cast

import httpx
from rich.console import Console

from contracts.afspraken import local_date
from lab.demo.controle import Told, check_promises
from lab.demo.rondkijken import let_look_around, tell_how_to_open
from lab.demo.stilte import check_no_silence
from lab.demo.tempo import HubHangs, Tempo, Wachtklok
from lab.demo.verhaal import END, START, Bijzonder, Casus, behaviour, usual, write_story
from lab.demo.verslag import Reporter, show_result
from lab.stack import Stack, running_stack
from services.cli.ground import open_logbook
from services.runtime.access.tokens import default_scopes
from services.runtime.process.clock import KlokInstelling
from services.runtime.process.logging import configure_logging
from services.runtime.settings import load_settings
from services.runtime.unit.decision import JsonObject

ANSWER_WITHIN = 300.0
"""Real seconds for one answer: only a hub that hangs takes that long."""
INFORM_AFTER = timedelta(hours=2)
LOOK_EVERY = 0.25
"""Real seconds between looks at what arrived."""


class DataNotEmpty(RuntimeError):
    """The demo wants a folder of its own."""


async def play(data_dir: Path, *, speed: float, look_around: bool) -> bool:
    """Play the story in `data_dir` and show it; True when every promise held.

    To look around the hub runs on, with a login link, until it is stopped.
    """
    if data_dir.is_dir() and any(data_dir.iterdir()):
        raise DataNotEmpty(f"{data_dir} is niet leeg; de demo wil een eigen map.")
    began = time.perf_counter()
    console = Console(highlight=False, soft_wrap=True)
    configure_logging("WARNING", stream=open_logbook(data_dir))
    settings = load_settings({}, data_dir=data_dir, port=0)
    settings = settings.model_copy(update={"clock": KlokInstelling(START, speed)})
    klok = Wachtklok(START, speed=speed)
    console.print("[bold]Houvast – drie weken in een minuut[/bold]  (alle mensen en zaken zijn verzonnen)")
    async with running_stack(
        settings, tell=lambda _: None, gedrag=behaviour(), standaard_gedrag=usual(), klok=klok
    ) as hub:
        console.print(f"Houvast draait op {hub.address}/ na {time.perf_counter() - began:.1f} s\n")
        told = await _Player(hub, console, klok).play()
        kept = [*await check_promises(hub, told), await check_no_silence(hub)]
        await show_result(hub, console, told=told, promises=kept)
        console.print(f"\nKlaar in {time.perf_counter() - began:.0f} s.")
        if look_around:
            klok.run_freely()
            await let_look_around(hub, console)
    tell_how_to_open(console, data_dir)
    return all(promise.kept for promise in kept) and not told.surprises


class _Player:
    def __init__(self, hub: Stack, console: Console, klok: Wachtklok) -> None:
        self._hub = hub
        self._klok = klok
        self._tempo = Tempo(hub, klok)
        self._told = Told()
        self._reporter = Reporter(hub, console)
        self._tokens: dict[str, str] = {}

    async def play(self) -> Told:
        await self._issue_tokens()
        story = write_story(self._hub.register)
        async with httpx.AsyncClient(base_url=self._hub.address, timeout=ANSWER_WITHIN) as self._client:
            looking = asyncio.create_task(self._look())
            try:
                async with asyncio.TaskGroup() as acts:
                    for casus in story:
                        acts.create_task(self._live_or_tell(casus))
                    acts.create_task(self._tempo.run_until(END))
            except* HubHangs as hangs:
                self._told.surprises += map(str, hangs.exceptions)
            finally:
                looking.cancel()
            self._reporter.look()
        return self._told

    async def _issue_tokens(self) -> None:
        for regio in ("west-brabant", "midden-brabant"):
            for soort in ("veilig-thuis", "meldpunt"):
                partij = f"{soort}-{regio}"
                self._tokens[partij] = await self._hub.issue_token(partij, default_scopes(soort), omschrijving="demo")

    async def _live_or_tell(self, casus: Casus) -> None:
        """A case that is refused is told at the end; the others go on."""
        try:
            await self._live(casus)
        except UnexpectedRefusal as refused:
            self._told.surprises.append(f"casus {casus.nummer}: {refused}")

    async def _live(self, casus: Casus) -> None:
        """Everything that people do for one case."""
        await self._klok.sleep_until(casus.meldt_op)
        if casus.bijzonder is Bijzonder.MELDPUNT:
            await self._report_by_meldpunt(casus)
        else:
            await self._report(casus)
        await self._klok.sleep_until(casus.besluit_op)
        if casus.bijzonder is Bijzonder.GESLOTEN:
            await self._start_onderzoek(casus)
        elif casus.bijzonder is Bijzonder.ONVOLLEDIG:
            await self._decide_incompletely_first(casus)
        else:
            await self._decide(casus, casus.verzonnen.triagebesluit)
        await self._inform(casus)

    async def _inform(self, casus: Casus) -> None:
        """The melder, and after an overdracht the people involved, hear of it the same day (BK bijlage 1, AEF A)."""
        await self._klok.sleep_until(self._klok.now() + INFORM_AFTER)
        vt, body = self._veilig_thuis(casus), {"medewerker": casus.dienstbesluit["genomenDoor"], "wijze": "telefoon"}
        await self._post(f"/triage/v1/meldingen/{self._told.meldingen[casus.nummer]}/informeringen", body, vt)
        if casus.bijzonder is Bijzonder.GESLOTEN:
            return
        while not (overdracht := await self._overdracht_of(casus)):
            await self._klok.sleep_until(self._klok.now() + INFORM_AFTER)
        await self._post(f"/overdracht/v1/overdrachten/{overdracht}/informeringen", body, vt)

    async def _overdracht_of(self, casus: Casus) -> str | None:
        """The id of the overdracht of this case, once handover has made it."""
        found = await self._get("/overdracht/v1/overdrachten?limiet=500", self._veilig_thuis(casus))
        overdrachten = cast("list[JsonObject]", found["overdrachten"])
        known = (str(item["id"]) for item in overdrachten if item["casusId"] == self._told.casussen[casus.nummer])
        return next(known, None)

    async def _report(self, casus: Casus) -> None:
        answer = await self._post("/triage/v1/meldingen", casus.verzonnen.melding, self._veilig_thuis(casus))
        self._told.meldingen[casus.nummer] = str(answer["id"])
        self._told.casussen[casus.nummer] = str(answer["casusId"])
        self._tell(casus, f"melding bij Veilig Thuis, advies: {_advice(answer)}")
        if casus.bijzonder is Bijzonder.DUBBEL:
            again = await self._post("/triage/v1/meldingen", casus.verzonnen.melding, self._veilig_thuis(casus))
            same = again["id"] == answer["id"]
            self._tell(
                casus, "dezelfde melding komt nog eens: " + ("herkend, er verandert niets" if same else "DUBBEL")
            )
            if not same:
                self._told.surprises.append("een dubbele melding werd niet herkend")

    async def _report_by_meldpunt(self, casus: Casus) -> None:
        meldpunt = f"meldpunt-{self._regio(casus)}"
        body = casus.verzonnen.to_meldpuntmelding(crisis=True)
        answer = await self._post("/triage/v1/meldpuntmeldingen", body, meldpunt)
        self._told.casussen[casus.nummer] = str(answer["casusId"])
        melding = await self._get(f"/triage/v1/meldingen/{answer['casusId']}", self._veilig_thuis(casus))
        self._told.meldingen[casus.nummer] = str(melding["id"])
        self._tell(casus, "crisis bij het meldpunt, vermoeden van huiselijk geweld: doorgezet naar Veilig Thuis")
        await self._klok.sleep_until(self._klok.now() + timedelta(hours=5))
        await self._post(f"/triage/v1/meldpuntmeldingen/{answer['id']}/overnames", {}, self._veilig_thuis(casus))
        self._tell(casus, "Veilig Thuis neemt de crisis over, binnen de 24 uur")

    async def _decide(self, casus: Casus, besluit: JsonObject) -> None:
        melding = self._told.meldingen[casus.nummer]
        path = f"/triage/v1/meldingen/{melding}/triagebesluiten"
        answer = await self._post(path, besluit, self._veilig_thuis(casus))
        self._told.besluiten[casus.nummer] = str(answer["id"])
        late = " (te laat)" if casus.bijzonder is Bijzonder.TRAAG else ""
        self._tell(casus, f"triagebesluit{late}: directe overdracht aan {self._hub.register.naam(casus.ontvanger)}")

    async def _decide_incompletely_first(self, casus: Casus) -> None:
        melding = self._told.meldingen[casus.nummer]
        response = await self._send(
            "POST",
            f"/triage/v1/meldingen/{melding}/triagebesluiten",
            self._veilig_thuis(casus),
            casus.verzonnen.incomplete().triagebesluit,
        )
        missing = ", ".join(fout["plaats"] for fout in response.json().get("fouten", []))
        self._tell(casus, f"triagebesluit geweigerd ({response.status_code}), er ontbreekt: {missing}")
        if response.status_code != 400 or not missing:
            self._told.surprises.append("een onvolledig overdrachtsdocument werd niet geweigerd")
        self._told.refused_as_expected.append(missing)
        await self._klok.sleep_until(self._klok.now() + timedelta(hours=1))
        await self._decide(casus, casus.verzonnen.triagebesluit)

    async def _start_onderzoek(self, casus: Casus) -> None:
        melding = self._told.meldingen[casus.nummer]
        besluit = casus.dienstbesluit
        vt = self._veilig_thuis(casus)
        await self._post(f"/triage/v1/meldingen/{melding}/triagebesluiten", besluit, vt)
        dienst: JsonObject = {"dienstsoort": "onderzoek", "verantwoordelijke": besluit["genomenDoor"]}
        await self._post(f"/triage/v1/casussen/{self._told.casussen[casus.nummer]}/diensten", dienst, vt)
        self._tell(casus, "triagebesluit: dienst Onderzoek; Veilig Thuis houdt zicht op veiligheid")

    async def _post(self, path: str, body: JsonObject, partij: str) -> JsonObject:
        response = await self._send("POST", path, partij, body)
        if not response.is_success:
            raise UnexpectedRefusal(f"{path.rpartition('/')[2]}: {response.status_code} {response.text[:300]}")
        self._told.accepted += 1
        answer: JsonObject = response.json()
        return answer

    async def _get(self, path: str, partij: str) -> JsonObject:
        response = await self._send("GET", path, partij)
        if not response.is_success:
            raise UnexpectedRefusal(f"{path}: {response.status_code}")
        answer: JsonObject = response.json()
        return answer

    async def _send(self, method: str, path: str, partij: str, body: JsonObject | None = None) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self._tokens[partij]}"}
        with self._tempo.act():
            return await self._client.request(method, path, json=body, headers=headers)

    def _regio(self, casus: Casus) -> str:
        return self._hub.register.gemeente(casus.gemeente, on=local_date(casus.meldt_op)).regio

    def _veilig_thuis(self, casus: Casus) -> str:
        return f"veilig-thuis-{self._regio(casus)}"

    def _tell(self, casus: Casus, what: str) -> None:
        self._reporter.tell(self._klok.now(), casus.nummer, self._hub.register.naam(casus.gemeente), what)

    async def _look(self) -> None:
        while True:
            self._reporter.look()
            await asyncio.sleep(LOOK_EVERY)


def _advice(answer: JsonObject) -> str:
    advice = answer.get("triageadvies")
    return str(advice.get("advies")) if isinstance(advice, dict) else "nog geen"


class UnexpectedRefusal(RuntimeError):
    """The hub refused what the story says it accepts."""
