"""The worker thread: jobs and their lanes, cancellation, devices, failures, memory."""
