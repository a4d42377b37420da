"""Kafka as the road between services: consumers, relay, topics, and how clients make themselves known."""
