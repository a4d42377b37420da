"""Every message that handover handles, and the rows that follow from it."""

from services.handover.handlers.commands import (
    AddBijlage,
    AnswerSamenwerking,
    AskSamenwerking,
    CatchUp,
    ConfirmOntvangst,
    DrawUpPlan,
    GiveBackOverdracht,
    InformBetrokkenen,
    JudgeRetour,
    NoteNotificatie,
    NoteReading,
    OfferAgain,
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
    "CatchUp",
    "ConfirmOntvangst",
    "DrawUpPlan",
    "GiveBackOverdracht",
    "Handlers",
    "InformBetrokkenen",
    "JudgeRetour",
    "NoteNotificatie",
    "NoteReading",
    "OfferAgain",
    "RefuseOverdracht",
    "TakeUpOverdracht",
    "WithdrawOverdracht",
    "project",
]
