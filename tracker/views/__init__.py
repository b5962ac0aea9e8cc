"""The reading pages: the Council, resolutions, occurrences, history, the public register; and whether all is well."""
