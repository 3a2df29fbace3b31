"""The losses from their definitions, in 60-digit arithmetic."""
