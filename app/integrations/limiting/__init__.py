"""Counting who asked how often."""
