"""Tells people what is asked of them, by e-mail and Teams, without anything about anyone in it.

Decides: which people a role means today, by which channels, when to try again and when to look for somebody else.
Consumes: `houvast.notificaties.in.v1`.
Publishes: `houvast.notifier.v1`.
"""
