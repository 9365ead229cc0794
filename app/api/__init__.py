"""HTTP: translates a request, makes one call, answers.

The only place that knows status numbers, headers and paths.
"""
