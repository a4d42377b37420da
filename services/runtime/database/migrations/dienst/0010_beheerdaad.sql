-- What whoever runs the hub did that belongs to no case: who, when, what, about which endpoint or message, and why.
-- It is written before it is done, and never changed.
create table beheerdaad (
    nummer      bigint generated always as identity primary key,
    op          timestamptz not null,
    wie         text not null,
    wat         text not null,
    waarover    text not null,
    toelichting text not null
);
create trigger beheerdaad_alleen_aanvullen before update or delete or truncate on beheerdaad
    for each statement execute function journaal_is_onveranderlijk();
