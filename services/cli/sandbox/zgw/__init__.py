"""Zaaksystemen of sandbox gemeenten: they answer by the ZGW APIs as a real one was seen to, and people work in them."""

from services.cli.sandbox.zgw.app import ZGW_PATH, build_zgw
from services.cli.sandbox.zgw.gemeenten import ZgwGemeenten
from services.cli.sandbox.zgw.notificaties import Notificaties
from services.cli.sandbox.zgw.zaaksysteem import OntvangenZaak, Zaaksysteem

__all__ = ["ZGW_PATH", "Notificaties", "OntvangenZaak", "Zaaksysteem", "ZgwGemeenten", "build_zgw"]
