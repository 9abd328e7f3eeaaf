"""The ledger: what became of each request, in a file that outlives the process."""
