-- When the receiving party had drawn up the veiligheidsplan (FS, MB 4.3).

alter table overdracht add column veiligheidsplan_op timestamptz;
