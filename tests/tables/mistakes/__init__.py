"""Wrong calls, and what the error of each must say."""
