-- Who ended a token, where a person did.
ALTER TABLE houvast.toegangstoken ADD COLUMN IF NOT EXISTS ingetrokken_door text;
