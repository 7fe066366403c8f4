"""The pure core: values and rules. No disk, clock, network, thread or randomness.

Objects are read and stored through `tree.Objects`. Reading an object by its hash gives the same
value every time, so to the core an object store is a value, not an effect.
"""
