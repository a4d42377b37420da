-- Wanneer er langs een kanaal voor het laatst iets aankwam, of niet.
create index notificatie_kanaal on notificatie (kanaal, status, gevraagd_op desc);
