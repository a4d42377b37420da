"""Every message that handover handles, and the rows that follow from it."""

from services.handover.handlers.commands import (
    AddBijlage,
    AnswerSamenwerking,
    AskSamenwerking,
    CatchUpZaakstatus,
    ConfirmOntvangst,
    DrawUpPlan,
    GiveBackOverdracht,
    InformBetrokkenen,
    JudgeRetour,
    NoteInzage,
    NoteNotificatie,
    OfferOverdrachtAgain,
    RefuseOverdracht,
    TakeUpOverdracht,
    WithdrawOverdracht,
)
from services.handover.handlers.handler import PASSED_OVER, Handlers
from services.handover.handlers.projection import project

__all__ = [
    "PASSED_OVER",
    "AddBijlage",
    "AnswerSamenwerking",
    "AskSamenwerking",
    "CatchUpZaakstatus",
    "ConfirmOntvangst",
    "DrawUpPlan",
    "GiveBackOverdracht",
    "Handlers",
    "InformBetrokkenen",
    "JudgeRetour",
    "NoteInzage",
    "NoteNotificatie",
    "OfferOverdrachtAgain",
    "RefuseOverdracht",
    "TakeUpOverdracht",
    "WithdrawOverdracht",
    "project",
]
