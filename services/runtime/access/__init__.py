"""Who may come in and who can read: tokens, case keys, sealing."""
