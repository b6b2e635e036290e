"""Random input under a seed, a module for each kind: `python -m tests.fuzz NAME [--seed S] [--minutes M | --count N]`."""
