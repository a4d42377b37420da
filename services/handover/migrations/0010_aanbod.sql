-- An offer: who said that the receiver takes over, and who there is said to have accepted.

alter table overdracht add column aangeboden_door text;
alter table overdracht add column aanvaard_volgens_bewijs text;
