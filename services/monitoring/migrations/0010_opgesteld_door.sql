-- Een mens stelt zelf een structureel signaal op; leeg als Houvast erom vroeg.
alter table signaal add column opgesteld_door text;
