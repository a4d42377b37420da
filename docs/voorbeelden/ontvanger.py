"""Ontvangt overdrachten van Houvast; vraagt alleen Python. Start: HOUVAST_GEHEIM=whsec_… python ontvanger.py [poort]"""
# ruff: noqa: A001, ANN001, ANN201, E401, I001, PLR2004, RUF005, TID251  one file to read

import base64, hashlib, hmac, json, os, sys, time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

SLEUTELS = [base64.b64decode(geheim.removeprefix("whsec_")) for geheim in os.environ["HOUVAST_GEHEIM"].split()]
ONTVANGEN: dict[str, dict] = {}  # op overdrachtId; bewaar dit in uw database, vóór u antwoordt


class Ontvanger(BaseHTTPRequestHandler):
    def do_POST(self):
        ruw = self.rfile.read(int(self.headers["content-length"]))
        if not self.handtekening_klopt(ruw):
            return self.antwoord(401)
        bericht = json.loads(ruw)
        soort, gegevens = bericht["type"].split(".")[-2], bericht["data"]
        if soort == "overdracht-aangeboden":  # hetzelfde kan vaker komen: één zaak per overdrachtId
            ONTVANGEN.setdefault(gegevens["overdrachtId"], gegevens)
        elif soort == "aanbod-ingetrokken":
            ONTVANGEN.pop(gegevens["overdrachtId"], None)
        return self.antwoord(202)  # ook voor overdracht-proef en voor soorten die nog komen

    def handtekening_klopt(self, ruw):
        id, tijd = self.headers["webhook-id"] or "", self.headers["webhook-timestamp"] or "0"
        inhoud = f"{id}.{tijd}.".encode() + ruw
        goed = [b"v1," + base64.b64encode(hmac.digest(sleutel, inhoud, hashlib.sha256)) for sleutel in SLEUTELS]
        kreeg = (self.headers["webhook-signature"] or "").encode().split()
        op_tijd = tijd.isdigit() and abs(time.time() - int(tijd)) < 300
        return op_tijd and any(hmac.compare_digest(g, k) for g in goed for k in kreeg)

    def antwoord(self, status):
        self.send_response(status)
        self.send_header("content-length", "0")
        self.end_headers()


if __name__ == "__main__":
    ThreadingHTTPServer(("127.0.0.1", int((sys.argv + ["8443"])[1])), Ontvanger).serve_forever()
