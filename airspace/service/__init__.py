"""The running program: line, tasks and queues, clock, configuration, health."""
