-- Who is who, each version whole, as a text that `contracts/register` reads; the newest holds. A number is one more than
-- that of the version it changed, so that two changes of the same version cannot both be made. See docs/decisions/0030.
CREATE TABLE IF NOT EXISTS houvast.registerversie (
    nummer        bigint PRIMARY KEY CHECK (nummer > 0),
    op            timestamptz NOT NULL,
    wie           text NOT NULL,
    bron          text NOT NULL,
    waarom        text NOT NULL,
    tekst         text NOT NULL,
    vingerafdruk  text NOT NULL,
    sleutel       uuid UNIQUE
);

CREATE OR REPLACE FUNCTION houvast.registerversie_blijft() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'een versie van het register wordt niet gewijzigd of weggehaald';
END $$;

CREATE OR REPLACE FUNCTION houvast.registerversie_gezet() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('houvast_register', NEW.nummer::text);
    RETURN NULL;
END $$;

CREATE TRIGGER registerversie_alleen_aanvullen BEFORE UPDATE OR DELETE OR TRUNCATE ON houvast.registerversie
    FOR EACH STATEMENT EXECUTE FUNCTION houvast.registerversie_blijft();
CREATE TRIGGER registerversie_gezet AFTER INSERT ON houvast.registerversie
    FOR EACH ROW EXECUTE FUNCTION houvast.registerversie_gezet();
