"""Making pictures that are safe to show out of those that people send."""
