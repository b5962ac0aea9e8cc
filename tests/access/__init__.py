"""Who may reach what: every address, by every kind of caller, from one table of rules."""
