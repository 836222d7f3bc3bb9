"""The version of the engine, as a constant: nothing has to be read to know it."""

__version__ = "0.1.0"
