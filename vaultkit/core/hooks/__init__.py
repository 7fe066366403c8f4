"""Hooks: what they wait for, how they are called, and what they write."""
