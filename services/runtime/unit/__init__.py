"""The one way for every message: decide, fold, write in one transaction; timers come back by the same road."""
