-- Bij welke diensten de casus stilstaat omdat een bericht er niet te verwerken is.
alter table casus add column staat_stil_bij jsonb not null default '[]';
