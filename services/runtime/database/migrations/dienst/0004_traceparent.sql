-- The trace (W3C) that a request follows from, told to whoever it is sent to.
alter table opdracht add column traceparent text;
