"""The way into the program: a second passes before all of it is read, and Ctrl-C may come in it."""

import signal
from importlib import import_module


def run() -> None:
    """Run the command line; interrupted before it is there, end without a traceback."""
    handler = signal.getsignal(signal.SIGINT)
    if handler is signal.default_int_handler:  # and not ignored, as with nohup
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    main = import_module("app.cli.main")
    signal.signal(signal.SIGINT, handler)
    main.run()
