"""Connections that stay: who is there, what they are told, and what they say."""
