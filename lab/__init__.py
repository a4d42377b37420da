"""For trying out and measuring, never in production: servers of its own, sandbox, demo, bench, invented data."""
