"""What handover decides, pure: the state of a case (`casus`), delivering, answering, giving back."""
