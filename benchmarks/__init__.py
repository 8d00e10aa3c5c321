"""Synthetic cases of any number, and what the engines need for them."""
