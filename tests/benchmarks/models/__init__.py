"""Networks that are measured on and come from nowhere else."""
