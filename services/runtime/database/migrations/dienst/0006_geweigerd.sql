-- Since when a destination does not let us in, what it says, for which kind of request, and who says it on the way there:
-- trouble of the endpoint and not of a case. One that answers that kind again clears it.
alter table bestemming add column geweigerd_op timestamptz;
alter table bestemming add column weiger_reden text;
alter table bestemming add column weiger_soort text;
alter table bestemming add column weiger_via text;
