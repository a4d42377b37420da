"""How any service process runs: one way for every message. Knows no service and no word of the domain but the casus."""
