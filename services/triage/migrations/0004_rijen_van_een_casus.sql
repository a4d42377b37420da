-- The read rows of a case, for when they are made anew.
create index adviesvraag_casus on adviesvraag (casus_id);
