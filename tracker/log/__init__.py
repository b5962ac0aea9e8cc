"""The log over the record: seals events into a Merkle tree, signs its heads, tells of them, proves and checks."""
