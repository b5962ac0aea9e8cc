"""The pages on which people act: each turns a request into one verb or one question."""
