"""Searches of `apus explore` spread over other machines."""
