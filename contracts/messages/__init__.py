"""What travels between systems: the envelope, the events by owner, and `topics`, the whole map."""
