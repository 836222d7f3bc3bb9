"""The parts of `afterword.schema`: what was meant where a document is not what its schema wants."""
