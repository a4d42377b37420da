-- Up to which moment on the Clock a listener has heard everything that a sender published; see docs/decisions/0018.
-- `gemeten_op` is when the sender began to find that out, by the clock of this database. `einden` is where its topics
-- ended then, per partition: a topic that ends before that has been lost.
CREATE TABLE IF NOT EXISTS houvast.watermerk (
    zender     text NOT NULL,
    luisteraar text NOT NULL,
    tot        timestamptz NOT NULL,
    gemeten_op timestamptz NOT NULL,
    einden     jsonb NOT NULL,
    PRIMARY KEY (zender, luisteraar)
);
