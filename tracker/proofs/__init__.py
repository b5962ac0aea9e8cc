"""The arithmetic of the proof: canonical JSON, hashes of events, the Merkle tree, signed heads. Pure: no Django, no database."""
