-- Who does what only one copy may do, until when, on the clock of the database. The epoch counts the holders: what one of
-- them writes is refused once there is a next.
create table houder (
    naam        text primary key,
    epoch       bigint not null,
    van         text not null,
    tot         timestamptz not null
);
