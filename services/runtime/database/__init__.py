"""PostgreSQL: connections, migrations, roles, wake-ups."""
