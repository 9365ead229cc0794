"""Calendar files (RFC 5545): writing our own, and reading those of others."""
