"""Making what is printed, or shown on a telephone and scanned from it."""
