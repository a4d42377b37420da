-- Wie met een casus verdergaat of een escalatie oppakte, verzegeld onder de sleutel van de casus.
alter table werk add column verder text;
