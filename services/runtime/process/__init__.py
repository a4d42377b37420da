"""What every process has: a clock, logging, metrics, traces, supervision."""
