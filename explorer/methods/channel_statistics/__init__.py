"""How a statistic of each channel is distributed over many inputs."""
