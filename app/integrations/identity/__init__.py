"""Signing in with accounts elsewhere: Google, and whoever speaks OpenID Connect."""
