"""Gateways by which money comes and goes."""
