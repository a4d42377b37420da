"""What parties have agreed, between systems and between organisations: no I/O, no clock, no framework."""
