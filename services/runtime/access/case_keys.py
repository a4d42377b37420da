"""The keys of the cases, in table `houvast.sleutel`, read and written in bulk inside the caller's transaction.

Nothing is kept between transactions: a destroyed key is gone for every process at its next one.
"""

from collections.abc import Collection, Mapping
from datetime import datetime

from contracts.messages.identifiers import CasusId
from services.runtime.database.connection import Connection


class KeyExists(Exception):
    """Another process made a key for one of these cases first. Retrying the transaction finds that key."""

    def __init__(self, casus_ids: tuple[CasusId, ...]) -> None:
        super().__init__(f"{len(casus_ids)} casus(sen) hadden intussen al een sleutel")
        self.casus_ids = casus_ids


async def load_keys(connection: Connection, casus_ids: Collection[CasusId]) -> dict[CasusId, bytes | None]:
    """The wrapped keys of these cases; `None` where the key was destroyed, absent where there never was one."""
    rows = await connection.fetch(
        "SELECT casus_id, gewikkeld FROM houvast.sleutel WHERE casus_id = ANY($1::uuid[])", list(casus_ids)
    )
    return {CasusId(row["casus_id"]): row["gewikkeld"] for row in rows}


async def insert_keys(connection: Connection, keys: Mapping[CasusId, bytes], *, now: datetime) -> None:
    """Keep these new wrapped keys (`SealerBatch.new_keys`).

    Raises `KeyExists` when a case turns out to have one already, destroyed ones included; then the transaction must be
    rolled back and retried, because what it sealed has no key.
    """
    if not keys:
        return
    ordered = sorted(keys)  # the same order everywhere, so that two processes wait and do not deadlock
    rows = await connection.fetch(
        "INSERT INTO houvast.sleutel (casus_id, gewikkeld, gemaakt_op)"
        " SELECT id, gewikkeld, $3 FROM unnest($1::uuid[], $2::bytea[]) AS nieuw (id, gewikkeld)"
        " ON CONFLICT (casus_id) DO NOTHING RETURNING casus_id",
        ordered,
        [keys[casus_id] for casus_id in ordered],
        now,
    )
    if len(rows) < len(ordered):
        inserted = {row["casus_id"] for row in rows}
        raise KeyExists(tuple(casus_id for casus_id in ordered if casus_id not in inserted))
