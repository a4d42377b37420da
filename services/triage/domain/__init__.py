"""What triage decides, pure: the state of a case (`casus`), what callers send (`invoer`), a module per decision."""
