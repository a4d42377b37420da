-- A session of a person: who that is at the party, and by which sign-in it was begun, so that it can be ended when the
-- provider ends it there. `gebruikt_op` is when something was last done in it, to the minute.
ALTER TABLE houvast.toegangstoken
    ADD COLUMN IF NOT EXISTS persoon text,
    ADD COLUMN IF NOT EXISTS uitgever text,
    ADD COLUMN IF NOT EXISTS client_id text,
    ADD COLUMN IF NOT EXISTS onderwerp text,
    ADD COLUMN IF NOT EXISTS sessie text,
    ADD COLUMN IF NOT EXISTS acr text,
    ADD COLUMN IF NOT EXISTS gebruikt_op timestamptz;

CREATE INDEX IF NOT EXISTS toegangstoken_persoon ON houvast.toegangstoken (partij, persoon) WHERE persoon IS NOT NULL;
CREATE INDEX IF NOT EXISTS toegangstoken_onderwerp ON houvast.toegangstoken (uitgever, onderwerp) WHERE onderwerp IS NOT NULL;
