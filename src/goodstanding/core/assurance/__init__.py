"""The assurance programme: who is in it, the window in which a holder can solve what would deactivate the account, and its letters."""
