"""The servers that a machine without any gets: PostgreSQL and Kafka, started and shared by processes here."""
