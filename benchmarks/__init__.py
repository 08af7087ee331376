"""What the issue promises of speed and cost, measured: `python -m benchmarks`, each ratio within one run."""
