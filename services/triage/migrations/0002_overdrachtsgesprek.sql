-- What became of the conversation in which a dienst is handed over.

alter table dienst add column overdrachtsgesprek text, add column gesprek_op timestamptz;
