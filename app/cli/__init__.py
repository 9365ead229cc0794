"""`banister`: the command line, the third door to the same services."""
