"""What can be set about monitoring. The rules themselves are agreements, not settings."""

PAGE_SIZE = 100
LARGEST_PAGE = 1000
"""How much one page of a list holds, unless more is asked, and at most."""
