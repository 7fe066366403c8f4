"""The cycle: the engine, what it is told and asks for, and the steps that it is made of."""
