"""What the tests look up: rows of data, one file per family."""
