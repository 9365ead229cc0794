"""`python -m app.cli`, where the program is not installed."""

from app.cli.start import run

if __name__ == "__main__":
    run()
