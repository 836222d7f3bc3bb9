"""The parts of `afterword.build`: one module for each concept of the language."""
