"""The losses of other libraries in terms of ours."""
