-- Nobody looks for events by their case: they leave by position, and the journal tells what happened in a case.
drop index outbox_casus;
