"""What Resolves costs beside bare Django: `make bench`. docs/benchmarks.md says what was measured where."""
