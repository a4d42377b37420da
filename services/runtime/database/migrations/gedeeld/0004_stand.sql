-- How far Kafka was when this database last looked, per service, topic and partition: `einde` where a topic ended on which
-- the service publishes, `gehoord` up to where its group had taken one that it listens to. Everything before `gehoord` is in
-- this database, whichever backup of it that is. See docs/decisions/0026.
CREATE TABLE IF NOT EXISTS houvast.stand (
    dienst   text NOT NULL,
    topic    text NOT NULL,
    partitie integer NOT NULL,
    einde    bigint,
    gehoord  bigint,
    PRIMARY KEY (dienst, topic, partitie)
);

-- A topic of the sender was found shorter than it had been: its watermark stands still until `houvast herstel` has been.
ALTER TABLE houvast.watermerk ADD COLUMN IF NOT EXISTS verloren boolean NOT NULL DEFAULT false;
