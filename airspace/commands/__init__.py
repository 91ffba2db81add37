"""The command line, one command a file. Exit codes: 0 done, 1 input or configuration at fault, 2 usage, 3 no server."""
