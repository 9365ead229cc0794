"""`python -m bench`: what a request costs, beside a bare reference run in the same minutes."""
