"""What dunning takes, in seconds and memory, beside what others take in the same run: `make bench` writes docs/benchmarks.md."""
