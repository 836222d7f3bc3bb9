"""The parts of a comparison of two rulesets: rules, what they share, versions, and what it changes for a log."""
