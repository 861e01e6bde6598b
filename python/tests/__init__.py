"""Tests of the command line and of the Python face; `make test` runs them."""
