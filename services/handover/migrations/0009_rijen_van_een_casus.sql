-- The read rows of a case, for when they are made anew.
create index overdrachtsdocument_casus on overdrachtsdocument (casus_id);
create index gebeurtenis_casus on gebeurtenis (casus_id);
create index bevestiglink_casus on bevestiglink (casus_id);
create index samenwerking_casus on samenwerking (casus_id);
create index overdrachtsbijlage_casus on overdrachtsbijlage (casus_id);
