-- The read rows of a case, for when they are made anew.
create index casus_casus on casus (casus_id);
create index signaal_casus on signaal (casus_id);
