"""What travels over HTTP. Only `api` imports it.

A request is a pydantic model and is checked; an answer is a TypedDict made by a function.
"""
