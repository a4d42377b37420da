-- Een overdracht komt terug met het formulier, door een weigering of door een intrekking: drie feiten, nooit door elkaar.
alter table overdracht add column geweigerd_op timestamptz;
alter table overdracht add column ingetrokken_op timestamptz;
