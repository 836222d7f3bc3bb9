"""The command `afterword`: the rim around the library that reads files, asks the clock and prints."""
