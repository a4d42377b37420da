"""`houvast …`: the command line, top of the house. Nobody imports it."""
