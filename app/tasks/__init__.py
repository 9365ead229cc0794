"""What the worker does: messages and the clock come in through the same services as HTTP.

A task can run twice, so it makes one call that may be repeated.
"""
